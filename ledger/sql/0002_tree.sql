-- What stands on the chain: tiles of the tree, signed checkpoints, anchors; appending many
-- entries at once; erasing a body.  Run by ledger_migrate as ledger_owner, after 0001_core.sql.

SET ROLE ledger_owner;
SET LOCAL search_path = ledger, pg_temp;

-- C2SP tlog-tiles: 256 hashes of 32 bytes, the newest tile of a level fewer.  Level 0 is the
-- hashes of `entry`, not stored twice.  Whoever trusts nobody makes all of it again.
CREATE TABLE tile (
    stream int NOT NULL,
    level smallint NOT NULL CHECK (level BETWEEN 0 AND 63),
    idx bigint NOT NULL CHECK (idx >= 0),
    data bytea NOT NULL
        CHECK (octet_length(data) BETWEEN 32 AND 8192 AND octet_length(data) % 32 = 0),
    PRIMARY KEY (stream, level, idx)
);
ALTER TABLE tile ALTER data SET STORAGE EXTERNAL;

-- A signed tree head; one for each size, whatever dies when.
CREATE TABLE checkpoint (
    stream int NOT NULL,
    size bigint NOT NULL CHECK (size >= 1),
    root bytea NOT NULL CHECK (octet_length(root) = 32),
    note text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (stream, size)
);

-- What somebody outside gave back for a checkpoint: a receipt, a time stamp, a cosignature.
CREATE TABLE anchor (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    stream int NOT NULL,
    size bigint NOT NULL CHECK (size >= 1),
    kind text NOT NULL CHECK (kind ~ '^[a-z0-9_]{1,40}$'),
    token bytea NOT NULL CHECK (octet_length(token) BETWEEN 1 AND 1048576),
    created_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX anchor_of_checkpoint ON anchor (stream, size, kind);
CREATE INDEX anchor_newest ON anchor (stream, kind, id);

-- Append many bodies to one stream and link them in this call, behind what the transaction has
-- appended before; return their ids in the order given.  Call it last: the stream's lock is
-- held from here to COMMIT, and whoever appends meanwhile leaves a pending row.
CREATE FUNCTION append_many(st int, salts bytea[], bodies bytea[]) RETURNS bigint[]
LANGUAGE plpgsql SECURITY DEFINER SET search_path = ledger, pg_temp AS $$
DECLARE
    ids bigint[];
BEGIN
    SET CONSTRAINTS ledger.link_at_commit IMMEDIATE;
    SET CONSTRAINTS ledger.link_at_commit DEFERRED;
    WITH written AS (
        INSERT INTO body (stream, salt, body)
        SELECT st, u.salt, u.body
        FROM unnest(salts, bodies) WITH ORDINALITY AS u (salt, body, place)
        ORDER BY u.place
        RETURNING id
    )
    SELECT coalesce(array_agg(id ORDER BY id), '{}') INTO ids FROM written;
    IF cardinality(ids) = 0 THEN
        RETURN ids;
    END IF;
    IF current_setting('transaction_isolation') = 'read committed'
        AND pg_try_advisory_xact_lock(1279542610, st)
    THEN
        WHILE drain(st, 1000) > 0 LOOP
        END LOOP;
        PERFORM link_bodies(st, ids);
    ELSE
        INSERT INTO pending SELECT st, unnest(ids);
        RAISE NOTICE 'ledger:pending:%', st;
    END IF;
    RETURN ids;
END $$;

-- Whether the entry with body `event` says, later in the same stream, that the entry with
-- body `target` was erased: which one, by its number and commitment, approved by two people.
CREATE FUNCTION says_erased(event bigint, target bigint) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = ledger, pg_temp AS $$
DECLARE
    said jsonb;
    place bigint;
    committed bytea;
BEGIN
    SELECT convert_from(b.body, 'UTF8')::jsonb, t.seq, t.commitment INTO said, place, committed
        FROM entry t
        JOIN entry e ON e.stream = t.stream AND e.seq > t.seq
        JOIN body b ON b.id = e.body_id
        WHERE t.body_id = target AND e.body_id = event;
    IF said ->> 'event' IS DISTINCT FROM 'ledger.entry_erased'
        OR said #> '{payload,seq}' IS DISTINCT FROM to_jsonb(place)
        OR said #>> '{payload,commitment}' IS DISTINCT FROM encode(committed, 'hex')
        OR jsonb_typeof(said #> '{payload,approved_by}') IS DISTINCT FROM 'array'
    THEN
        RETURN false;
    END IF;
    RETURN (SELECT count(DISTINCT who) >= 2
        FROM jsonb_array_elements_text(said #> '{payload,approved_by}') AS who);
END $$;

-- The only change of a body: salt and bytes become NULL, by erase(), after the event saying so.
-- An erasure event itself stays: without it nobody could tell an erasure from a deletion.
CREATE FUNCTION body_guard() RETURNS trigger
LANGUAGE plpgsql SET search_path = ledger, pg_temp AS $$
DECLARE
    erasing text[] := string_to_array(current_setting('ledger.erasing', true), ':');
BEGIN
    IF tg_op = 'UPDATE' AND current_user = 'ledger_owner' AND erasing[1] = OLD.id::text THEN
        IF (NEW.id, NEW.stream) = (OLD.id, OLD.stream)
            AND NEW.salt IS NULL AND NEW.body IS NULL AND OLD.body IS NOT NULL
            AND position('"event":"ledger.entry_erased"'::bytea IN OLD.body) = 0
            AND says_erased(erasing[2]::bigint, OLD.id)
        THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION 'ledger table %.% is append-only (% refused)',
        tg_table_schema, tg_table_name, tg_op USING ERRCODE = 'insufficient_privilege';
END $$;

-- Link `event`, a `ledger.entry_erased` about the entry with body `target`, then blank that
-- body; return the id of the event's body.  It waits for the stream's lock: erase the bodies of
-- one stream in one transaction, which holds nothing else that an append may wait for.
CREATE FUNCTION erase(target bigint, event_salt bytea, event bytea) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = ledger, pg_temp AS $$
DECLARE
    st int;
    told bigint;
BEGIN
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE EXCEPTION 'Erase under READ COMMITTED.' USING ERRCODE = 'invalid_transaction_state';
    END IF;
    SELECT stream INTO st FROM body WHERE id = target;
    PERFORM pg_advisory_xact_lock(1279542610, st);
    WHILE drain(st, 1000) > 0 LOOP
    END LOOP;
    IF NOT EXISTS (
        SELECT FROM entry e JOIN body b ON b.id = e.body_id
        WHERE b.id = target AND b.body IS NOT NULL
    ) THEN
        RAISE EXCEPTION 'No entry with bytes to erase has the body %.', target
            USING ERRCODE = 'no_data_found';
    END IF;
    INSERT INTO body (stream, salt, body) VALUES (st, event_salt, event) RETURNING id INTO told;
    PERFORM link_bodies(st, ARRAY[told]);
    PERFORM set_config('ledger.erasing', target || ':' || told, true);
    UPDATE body SET salt = NULL, body = NULL WHERE id = target;
    PERFORM set_config('ledger.erasing', '', true);
    RETURN told;
END $$;

-- The newest tile of a level grows at its end; every other byte stays as it was written.
CREATE FUNCTION tile_guard() RETURNS trigger
LANGUAGE plpgsql SET search_path = ledger, pg_temp AS $$
BEGIN
    IF tg_op = 'UPDATE' THEN
        IF (NEW.stream, NEW.level, NEW.idx) = (OLD.stream, OLD.level, OLD.idx)
            AND octet_length(NEW.data) >= octet_length(OLD.data)
            AND substring(NEW.data FROM 1 FOR octet_length(OLD.data)) = OLD.data
        THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION 'ledger table %.% is append-only (% refused)',
        tg_table_schema, tg_table_name, tg_op USING ERRCODE = 'insufficient_privilege';
END $$;

-- append_many and erase, which act as ledger_owner, link what they insert themselves.
DROP TRIGGER link_at_commit ON body;
CREATE CONSTRAINT TRIGGER link_at_commit AFTER INSERT ON body
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (current_user <> 'ledger_owner') EXECUTE FUNCTION link_at_commit();
ALTER TABLE body ENABLE ALWAYS TRIGGER link_at_commit;
DROP TRIGGER deny_row ON body;

DO $$
DECLARE
    guard text[];
BEGIN
    FOREACH guard SLICE 1 IN ARRAY ARRAY[
        ['body', 'body_guard'], ['tile', 'tile_guard'], ['checkpoint', 'deny'], ['anchor', 'deny']
    ] LOOP
        EXECUTE format(
            'CREATE TRIGGER deny_row BEFORE UPDATE OR DELETE ON %I
                FOR EACH ROW EXECUTE FUNCTION %I()', guard[1], guard[2]);
        EXECUTE format('ALTER TABLE %I ENABLE ALWAYS TRIGGER deny_row', guard[1]);
        CONTINUE WHEN guard[1] = 'body';  -- which has this one already
        EXECUTE format(
            'CREATE TRIGGER deny_truncate BEFORE TRUNCATE ON %I
                FOR EACH STATEMENT EXECUTE FUNCTION deny()', guard[1]);
        EXECUTE format('ALTER TABLE %I ENABLE ALWAYS TRIGGER deny_truncate', guard[1]);
    END LOOP;
END $$;

REVOKE ALL ON FUNCTION append_many(int, bytea[], bytea[]), says_erased(bigint, bigint),
    body_guard(), erase(bigint, bytea, bytea), tile_guard() FROM PUBLIC;
GRANT SELECT ON tile, checkpoint, anchor TO ledger_app, ledger_seal, ledger_migrate;
GRANT INSERT, UPDATE (data) ON tile TO ledger_seal;
GRANT INSERT (stream, size, root, note) ON checkpoint TO ledger_seal;
GRANT INSERT (stream, size, kind, token) ON anchor TO ledger_seal;
GRANT EXECUTE ON FUNCTION append_many(int, bytea[], bytea[]) TO ledger_app, ledger_seal;
GRANT EXECUTE ON FUNCTION erase(bigint, bytea, bytea) TO ledger_eraser;
REVOKE EXECUTE ON FUNCTION seal(int, int) FROM ledger_eraser;

RESET ROLE;
SET LOCAL search_path TO DEFAULT;
