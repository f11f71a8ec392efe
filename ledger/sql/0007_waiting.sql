-- What finds its stream busy costs less at COMMIT: the same order, the same refusals.
-- Run by ledger_migrate as ledger_owner, after 0006_bones.sql.

SET ROLE ledger_owner;
SET LOCAL search_path = ledger, pg_temp;

-- At COMMIT: link the new body if the stream's lock is free, else leave it waiting and say
-- so.  It never waits, so it can neither deadlock nor hold a lock across the flush.
-- 1279542610 is "LDGR", the namespace of the streams' locks.  The lock is taken by a statement
-- of its own: the next one sees every entry that its last holder committed.
--
-- Where many write at once nearly every body waits, so leaving it is written out here: one
-- call less, and one context less for the NOTICE to describe, is a quarter of its time.
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
        INSERT INTO pending (stream, body_id)
            SELECT id, NEW.id FROM stream WHERE id = NEW.stream;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'ledger.body refuses this row: stream % was never opened',
                NEW.stream USING ERRCODE = 'check_violation';
        END IF;
        RAISE NOTICE 'ledger:pending:%', NEW.stream;
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

RESET ROLE;
SET LOCAL search_path TO DEFAULT;
