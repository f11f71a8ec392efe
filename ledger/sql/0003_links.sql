-- Linking with less work in each COMMIT: the same bytes, the same order, the same refusals.
-- Run by ledger_migrate as ledger_owner, after 0002_tree.sql.
--
-- PostgreSQL reads every CHECK again from its text for each statement, which cost an append a
-- tenth of its time.  What they asked holds by construction: only the functions below insert
-- into `entry`, SHA-256 has 32 bytes, numbers and times count up from 0; and body_check looks
-- at every new body.  Verification recomputes it all the same.

SET ROLE ledger_owner;
SET LOCAL search_path = ledger, pg_temp;

DO $$
DECLARE
    spare record;
BEGIN
    FOR spare IN
        SELECT conrelid::regclass AS relation, conname FROM pg_constraint
        WHERE conrelid IN ('entry'::regclass, 'body'::regclass) AND contype = 'c'
    LOOP
        EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', spare.relation, spare.conname);
    END LOOP;
END $$;

-- A row that could never be linked must not get in: it would stop its stream.  Its stream is
-- looked for at COMMIT, where it is read anyway.
CREATE OR REPLACE FUNCTION body_check() RETURNS trigger
LANGUAGE plpgsql SET search_path = ledger, pg_temp AS $$
BEGIN
    IF (octet_length(NEW.salt) = 16 AND octet_length(NEW.body) BETWEEN 2 AND 1048576) IS NOT TRUE
    THEN
        RAISE EXCEPTION 'ledger.body refuses this row: it needs a salt of 16 bytes, 2 bytes to'
            ' 1 MiB of body and a stream that is open' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;

-- Leave these bodies waiting, and say so; refuse those of a stream that was never opened.
CREATE FUNCTION leave_pending(st int, ids bigint[]) RETURNS void
LANGUAGE plpgsql SET search_path = ledger, pg_temp AS $$
BEGIN
    INSERT INTO pending SELECT s.id, waiting FROM stream s, unnest(ids) AS waiting
        WHERE s.id = st;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'ledger.body refuses this row: stream % was never opened', st
            USING ERRCODE = 'check_violation';
    END IF;
    RAISE NOTICE 'ledger:pending:%', st;
END $$;

-- Link bodies with these commitments, in this order, behind the newest entry of their stream;
-- the caller holds its lock.  Time never goes back: a clock that stepped back by more than a
-- second is announced.  One INSERT for all: starting a statement costs more than a hash.
CREATE FUNCTION link_commitments(st int, ids bigint[], commitments bytea[]) RETURNS int
LANGUAGE plpgsql SET search_path = ledger, pg_temp AS $$
DECLARE
    start bytea;
    clock bigint := (extract(epoch FROM clock_timestamp()) * 1000000)::bigint;
    newest bigint;
    above bytea;
    sealed bigint;
    stamp bytea;
    committed bytea;
    hashes bytea[] := '{}';
    linked int := 0;
BEGIN
    SELECT '\x006c65646765722f76310a'::bytea || origin_id INTO start FROM stream WHERE id = st;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'ledger.body refuses this row: stream % was never opened', st
            USING ERRCODE = 'check_violation';
    END IF;
    SELECT seq, hash, sealed_us INTO newest, above, sealed
        FROM entry WHERE stream = st ORDER BY seq DESC LIMIT 1;
    IF NOT FOUND THEN
        newest := -1;
        above := sha256(start);
        sealed := 0;
    END IF;
    IF sealed > clock + 1000000 THEN
        RAISE NOTICE 'ledger:clock:%:%', st, sealed - clock;
    END IF;
    sealed := greatest(sealed, clock);
    stamp := int8send(sealed);
    FOREACH committed IN ARRAY commitments LOOP
        linked := linked + 1;
        above := sha256(start || int8send(newest + linked) || stamp || above || committed);
        hashes[linked] := above;
    END LOOP;
    INSERT INTO entry
        SELECT st, newest + place, id, sealed, commitment, hash
        FROM unnest(ids, commitments, hashes) WITH ORDINALITY
            AS u (id, commitment, hash, place);
    RETURN linked;
END $$;

-- Link these bodies behind the newest entry of their stream; the caller holds its lock.
CREATE OR REPLACE FUNCTION link_bodies(st int, ids bigint[]) RETURNS int
LANGUAGE plpgsql SECURITY DEFINER SET search_path = ledger, pg_temp AS $$
DECLARE
    ordered bigint[];
    commitments bytea[];
BEGIN
    SELECT array_agg(b.id ORDER BY b.id),
           array_agg(sha256('\x02'::bytea || b.salt || b.body) ORDER BY b.id)
        INTO ordered, commitments FROM body b WHERE b.id = ANY (ids);
    RETURN CASE WHEN ordered IS NULL THEN 0
        ELSE link_commitments(st, ordered, commitments) END;
END $$;

-- Take the oldest bodies that wait, at most `most`, off the list; NULL if none does.
CREATE FUNCTION take_pending(st int, most int) RETURNS bigint[]
LANGUAGE plpgsql SET search_path = ledger, pg_temp AS $$
DECLARE
    ids bigint[];
BEGIN
    WITH oldest AS (
        DELETE FROM pending WHERE stream = st AND body_id = ANY (ARRAY(
            SELECT body_id FROM pending WHERE stream = st ORDER BY body_id LIMIT most
        )) RETURNING body_id
    )
    SELECT array_agg(body_id) INTO ids FROM oldest;
    RETURN ids;
END $$;

-- Link the oldest bodies that wait, at most `most`; the caller holds the stream's lock.
CREATE OR REPLACE FUNCTION drain(st int, most int) RETURNS int
LANGUAGE plpgsql SECURITY DEFINER SET search_path = ledger, pg_temp AS $$
DECLARE
    ids bigint[] := take_pending(st, most);
BEGIN
    RETURN CASE WHEN ids IS NULL THEN 0 ELSE link_bodies(st, ids) END;
END $$;

-- At COMMIT: link the new body if the stream's lock is free, else leave it waiting and say
-- so.  It never waits, so it can neither deadlock nor hold a lock across the flush.
-- 1279542610 is "LDGR", the namespace of the streams' locks.  The lock is taken by a statement
-- of its own: the next one sees every entry that its last holder committed.
CREATE OR REPLACE FUNCTION link_at_commit() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = ledger, pg_temp AS $$
DECLARE
    clock bigint;
    committed bytea;
    waiting bigint[];
BEGIN
    IF current_setting('transaction_isolation') <> 'read committed'
        OR NOT pg_try_advisory_xact_lock(1279542610, NEW.stream)
    THEN
        PERFORM leave_pending(NEW.stream, ARRAY[NEW.id]);
        RETURN NULL;
    END IF;
    clock := (extract(epoch FROM clock_timestamp()) * 1000000)::bigint;
    committed := sha256('\x02'::bytea || NEW.salt || NEW.body);
    INSERT INTO entry
        SELECT NEW.stream, newest.seq + 1, NEW.id, clock, committed,
               sha256((SELECT '\x006c65646765722f76310a'::bytea || origin_id
                       FROM stream WHERE id = NEW.stream)
                   || int8send(newest.seq + 1) || int8send(clock) || newest.hash || committed)
        FROM (
            SELECT seq, hash, sealed_us FROM entry
            WHERE stream = NEW.stream
                AND NOT EXISTS (SELECT FROM pending WHERE stream = NEW.stream)
            ORDER BY seq DESC LIMIT 1
        ) newest
        WHERE newest.sealed_us <= clock;
    IF FOUND THEN
        RETURN NULL;
    END IF;
    -- The first entry, a clock that went back, or others that wait and come first.
    waiting := take_pending(NEW.stream, 1000);
    IF cardinality(waiting) = 1000 THEN
        PERFORM link_bodies(NEW.stream, waiting);
        PERFORM leave_pending(NEW.stream, ARRAY[NEW.id]);
    ELSIF waiting IS NULL THEN
        PERFORM link_commitments(NEW.stream, ARRAY[NEW.id], ARRAY[committed]);
    ELSE
        PERFORM link_bodies(NEW.stream, waiting || NEW.id);
    END IF;
    RETURN NULL;
END $$;

-- Append many bodies to one stream and link them in this call, behind what the transaction has
-- appended before; return their ids in the order given.  Call it last: the stream's lock is
-- held from here to COMMIT, and whoever appends meanwhile leaves a pending row.
CREATE OR REPLACE FUNCTION append_many(st int, salts bytea[], bodies bytea[]) RETURNS bigint[]
LANGUAGE plpgsql SECURITY DEFINER SET search_path = ledger, pg_temp AS $$
DECLARE
    ids bigint[];
    commitments bytea[];
BEGIN
    SET CONSTRAINTS ledger.link_at_commit IMMEDIATE;
    SET CONSTRAINTS ledger.link_at_commit DEFERRED;
    WITH written AS (
        INSERT INTO body (stream, salt, body)
        SELECT st, u.salt, u.body
        FROM unnest(salts, bodies) WITH ORDINALITY AS u (salt, body, place)
        ORDER BY u.place
        RETURNING id, sha256('\x02'::bytea || salt || body) AS committed
    )
    SELECT coalesce(array_agg(id ORDER BY id), '{}'), array_agg(committed ORDER BY id)
        INTO ids, commitments FROM written;
    IF cardinality(ids) = 0 THEN
        RETURN ids;
    END IF;
    IF current_setting('transaction_isolation') = 'read committed'
        AND pg_try_advisory_xact_lock(1279542610, st)
    THEN
        WHILE drain(st, 1000) > 0 LOOP
        END LOOP;
        PERFORM link_commitments(st, ids, commitments);
    ELSE
        PERFORM leave_pending(st, ids);
    END IF;
    RETURN ids;
END $$;

DROP FUNCTION leaf_head(int);

REVOKE ALL ON FUNCTION leave_pending(int, bigint[]), link_commitments(int, bigint[], bytea[]),
    take_pending(int, int) FROM PUBLIC;

RESET ROLE;
SET LOCAL search_path TO DEFAULT;
