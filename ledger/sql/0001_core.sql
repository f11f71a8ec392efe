-- The record's tables: streams, bodies, entries, and what still waits to be linked.
-- Run by ledger_migrate as ledger_owner, on PostgreSQL 15 or newer.  Tiles, checkpoints and
-- anchors will stand beside these tables; nothing here depends on them.

SET ROLE ledger_owner;
SET LOCAL search_path = ledger, pg_temp;

CREATE TABLE stream (
    id int PRIMARY KEY,
    origin text NOT NULL UNIQUE,
    origin_id bytea NOT NULL CHECK (octet_length(origin_id) = 16),
    created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE body (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    stream int NOT NULL,
    salt bytea CHECK (octet_length(salt) = 16),
    body bytea,
    CHECK ((salt IS NULL) = (body IS NULL))
);
ALTER TABLE body ALTER body SET STORAGE EXTERNAL;

-- Nearly always empty: vacuum it by number, since its share means nothing.
CREATE TABLE pending (
    stream int NOT NULL,
    body_id bigint NOT NULL,
    PRIMARY KEY (stream, body_id)
) WITH (
    autovacuum_vacuum_scale_factor = 0,
    autovacuum_vacuum_threshold = 5000,
    autovacuum_vacuum_cost_delay = 0
);

CREATE TABLE entry (
    stream int NOT NULL,
    seq bigint NOT NULL CHECK (seq >= 0),
    body_id bigint NOT NULL UNIQUE,
    sealed_us bigint NOT NULL CHECK (sealed_us >= 0),
    commitment bytea NOT NULL CHECK (octet_length(commitment) = 32),
    hash bytea NOT NULL CHECK (octet_length(hash) = 32),
    PRIMARY KEY (stream, seq)
);

-- What comes before sequence number, time, previous hash and commitment in every leaf:
-- 0x00, "ledger/v1\n" and the stream's origin id.
CREATE FUNCTION leaf_head(st int) RETURNS bytea
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = ledger, pg_temp
RETURN (SELECT '\x006c65646765722f76310a'::bytea || origin_id FROM ledger.stream WHERE id = st);

-- Link these bodies behind the newest entry of their stream; the caller holds its lock.
-- Time never goes back: a clock that stepped back by more than a second is announced.
CREATE FUNCTION link_bodies(st int, ids bigint[]) RETURNS int
LANGUAGE plpgsql SECURITY DEFINER SET search_path = ledger, pg_temp AS $$
DECLARE
    start bytea := leaf_head(st);
    place bigint;
    above bytea;
    sealed bigint;
    clock bigint;
    linked int := 0;
    waiting record;
BEGIN
    SELECT seq, hash, sealed_us INTO place, above, sealed
        FROM entry WHERE stream = st ORDER BY seq DESC LIMIT 1;
    IF NOT FOUND THEN
        place := -1;
        above := sha256(start);
        sealed := 0;
    END IF;
    FOR waiting IN
        SELECT id, sha256('\x02'::bytea || salt || body) AS committed
        FROM body WHERE id = ANY (ids) ORDER BY id
    LOOP
        clock := (extract(epoch FROM clock_timestamp()) * 1000000)::bigint;
        IF sealed > clock + 1000000 THEN
            RAISE NOTICE 'ledger:clock:%:%', st, sealed - clock;
        END IF;
        place := place + 1;
        sealed := greatest(sealed, clock);
        above := sha256(
            start || int8send(place) || int8send(sealed) || above || waiting.committed
        );
        INSERT INTO entry VALUES (st, place, waiting.id, sealed, waiting.committed, above);
        linked := linked + 1;
    END LOOP;
    RETURN linked;
END $$;

-- Link the oldest bodies that wait, at most `most`; the caller holds the stream's lock.
CREATE FUNCTION drain(st int, most int) RETURNS int
LANGUAGE plpgsql SECURITY DEFINER SET search_path = ledger, pg_temp AS $$
DECLARE
    ids bigint[];
BEGIN
    WITH oldest AS (
        DELETE FROM pending WHERE stream = st AND body_id = ANY (ARRAY(
            SELECT body_id FROM pending WHERE stream = st ORDER BY body_id LIMIT most
        )) RETURNING body_id
    )
    SELECT array_agg(body_id) INTO ids FROM oldest;
    RETURN CASE WHEN ids IS NULL THEN 0 ELSE link_bodies(st, ids) END;
END $$;

-- At COMMIT: link the new body if the stream's lock is free, else leave it waiting and say
-- so.  It never waits, so it can neither deadlock nor hold a lock across the flush.
-- 1279542610 is "LDGR", the namespace of the streams' locks.
CREATE FUNCTION link_at_commit() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = ledger, pg_temp AS $$
DECLARE
    start bytea;
    place bigint;
    above bytea;
    sealed bigint;
    clock bigint;
    committed bytea;
    waiting boolean;
BEGIN
    IF current_setting('transaction_isolation') <> 'read committed'
        OR NOT pg_try_advisory_xact_lock(1279542610, NEW.stream)
    THEN
        INSERT INTO pending VALUES (NEW.stream, NEW.id);
        RAISE NOTICE 'ledger:pending:%', NEW.stream;
        RETURN NULL;
    END IF;
    FOR look IN 1..2 LOOP
        SELECT '\x006c65646765722f76310a'::bytea || s.origin_id, e.seq + 1, e.hash, e.sealed_us,
               EXISTS (SELECT FROM pending p WHERE p.stream = s.id)
            INTO STRICT start, place, above, sealed, waiting
            FROM stream s LEFT JOIN LATERAL (
                SELECT seq, hash, sealed_us FROM entry
                WHERE stream = s.id ORDER BY seq DESC LIMIT 1
            ) e ON true
            WHERE s.id = NEW.stream;
        EXIT WHEN NOT waiting;
        IF look = 1 AND drain(NEW.stream, 1000) = 1000 THEN
            INSERT INTO pending VALUES (NEW.stream, NEW.id);
            RAISE NOTICE 'ledger:pending:%', NEW.stream;
            RETURN NULL;
        END IF;
    END LOOP;
    IF place IS NULL THEN
        place := 0;
        above := sha256(start);
        sealed := 0;
    END IF;
    clock := (extract(epoch FROM clock_timestamp()) * 1000000)::bigint;
    IF sealed > clock + 1000000 THEN
        RAISE NOTICE 'ledger:clock:%:%', NEW.stream, sealed - clock;
    END IF;
    sealed := greatest(sealed, clock);
    committed := sha256('\x02'::bytea || NEW.salt || NEW.body);
    INSERT INTO entry VALUES (
        NEW.stream, place, NEW.id, sealed, committed,
        sha256(start || int8send(place) || int8send(sealed) || above || committed)
    );
    RETURN NULL;
END $$;

-- Link what waits.  One caller waits for the stream's lock, the others leave with -1.
-- Call it until it returns 0 or less: the look after the lock was let go catches what came
-- in between.  1279542611 is the namespace of that waiting room.
CREATE FUNCTION seal(st int, most int DEFAULT 1000) RETURNS int
LANGUAGE plpgsql SECURITY DEFINER SET search_path = ledger, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM pending WHERE stream = st) THEN
        RETURN 0;
    END IF;
    IF NOT pg_try_advisory_xact_lock(1279542611, st) THEN
        RETURN -1;
    END IF;
    PERFORM pg_advisory_xact_lock(1279542610, st);
    RETURN drain(st, most);
END $$;

CREATE FUNCTION deny() RETURNS trigger
LANGUAGE plpgsql SET search_path = ledger, pg_temp AS $$
BEGIN
    RAISE EXCEPTION 'ledger table %.% is append-only (% refused)',
        tg_table_schema, tg_table_name, tg_op USING ERRCODE = 'insufficient_privilege';
END $$;

-- A row that could never be linked must not get in: it would stop its stream.
CREATE FUNCTION body_check() RETURNS trigger
LANGUAGE plpgsql SET search_path = ledger, pg_temp AS $$
BEGIN
    IF NEW.salt IS NULL OR NEW.body IS NULL
        OR octet_length(NEW.body) NOT BETWEEN 2 AND 1048576
        OR NOT EXISTS (SELECT FROM stream WHERE id = NEW.stream)
    THEN
        RAISE EXCEPTION 'ledger.body refuses this row: it needs a salt, 2 bytes to 1 MiB'
            ' of body and a stream that is open' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;

-- Return the stream of this origin, opening it on first use.
CREATE FUNCTION open_stream(name text) RETURNS int
LANGUAGE plpgsql SECURITY DEFINER SET search_path = ledger, pg_temp AS $$
DECLARE
    found_id int;
BEGIN
    SELECT id INTO found_id FROM stream WHERE origin = name;
    IF FOUND THEN
        RETURN found_id;
    END IF;
    IF name !~ '^[a-z0-9][a-z0-9._-]*(/[a-z0-9][a-z0-9._-]*)+$' OR octet_length(name) > 128
    THEN
        RAISE EXCEPTION 'This is not the origin of a stream.' USING ERRCODE = 'check_violation';
    END IF;
    PERFORM pg_advisory_xact_lock(1279542612, 0);
    INSERT INTO stream (id, origin, origin_id)
        VALUES (
            (SELECT coalesce(max(id), 0) + 1 FROM stream),
            name,
            substring(sha256(convert_to(name, 'UTF8')) FROM 1 FOR 16)
        )
        ON CONFLICT (origin) DO NOTHING;
    SELECT id INTO found_id FROM stream WHERE origin = name;
    RETURN found_id;
END $$;

CREATE TRIGGER body_check BEFORE INSERT ON body
    FOR EACH ROW EXECUTE FUNCTION body_check();
CREATE CONSTRAINT TRIGGER link_at_commit AFTER INSERT ON body
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION link_at_commit();
ALTER TABLE body ENABLE ALWAYS TRIGGER body_check;
ALTER TABLE body ENABLE ALWAYS TRIGGER link_at_commit;

DO $$
DECLARE
    guarded text;
BEGIN
    FOREACH guarded IN ARRAY ARRAY['stream', 'body', 'entry'] LOOP
        EXECUTE format(
            'CREATE TRIGGER deny_row BEFORE UPDATE OR DELETE ON %I
                FOR EACH ROW EXECUTE FUNCTION deny()', guarded);
        EXECUTE format(
            'CREATE TRIGGER deny_truncate BEFORE TRUNCATE ON %I
                FOR EACH STATEMENT EXECUTE FUNCTION deny()', guarded);
        EXECUTE format('ALTER TABLE %I ENABLE ALWAYS TRIGGER deny_row', guarded);
        EXECUTE format('ALTER TABLE %I ENABLE ALWAYS TRIGGER deny_truncate', guarded);
    END LOOP;
END $$;

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA ledger FROM PUBLIC;
GRANT USAGE ON SCHEMA ledger TO ledger_app, ledger_seal, ledger_eraser, ledger_migrate;
GRANT SELECT ON ALL TABLES IN SCHEMA ledger TO ledger_app, ledger_seal, ledger_migrate;
GRANT INSERT (stream, salt, body) ON body TO ledger_app;
GRANT EXECUTE ON FUNCTION open_stream(text) TO ledger_app;
GRANT EXECUTE ON FUNCTION seal(int, int) TO ledger_app, ledger_seal, ledger_eraser;

RESET ROLE;
SET LOCAL search_path TO DEFAULT;
