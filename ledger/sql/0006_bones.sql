-- What never goes, whoever approves: the record's own bones, and what a signature binds.  The
-- workflow refuses it before; this is for whoever calls erase() past it.
-- Run by ledger_migrate as ledger_owner, after 0005_append.sql.

SET ROLE ledger_owner;
SET LOCAL search_path = ledger, pg_temp;

-- Whether a signature in this stream binds a version of a record; one whose manifest cannot be
-- read binds nothing, and verification says so.  It reads the stream, as nothing else is
-- evidence; most erasures are of entries that seal no version.
CREATE FUNCTION is_signed(st int, record jsonb, version jsonb) RETURNS boolean
LANGUAGE plpgsql STABLE SET search_path = ledger, pg_temp AS $$
DECLARE
    signed bytea;
BEGIN
    FOR signed IN
        SELECT b.body FROM body b
        WHERE b.stream = st AND position('"event":"signature.applied"'::bytea IN b.body) > 0
    LOOP
        BEGIN
            IF EXISTS (
                SELECT FROM jsonb_array_elements(
                    (convert_from(signed, 'UTF8')::jsonb #>> '{payload,manifest}')::jsonb -> 'items'
                ) AS item
                WHERE item -> 'record_id' = record AND item -> 'version' = version
            ) THEN
                RETURN true;
            END IF;
        EXCEPTION WHEN data_exception THEN
            CONTINUE;
        END;
    END LOOP;
    RETURN false;
END $$;

-- Why these bytes stay; NULL if they may go.  The names are those of BONES in erasure.py.
CREATE FUNCTION stays(st int, content bytea) RETURNS text
LANGUAGE plpgsql STABLE SET search_path = ledger, pg_temp AS $$
DECLARE
    said jsonb := convert_from(content, 'UTF8')::jsonb;
BEGIN
    IF split_part(said ->> 'event', '.', 1) IN (
        'ledger', 'key', 'catalogue_fingerprint', 'signature', 'credential', 'erasure',
        'legal_hold', 'retention', 'project', 'subject_key'
    ) THEN
        RETURN 'the record rests on it';
    END IF;
    IF said #> '{payload,record_id}' IS NOT NULL
        AND is_signed(st, said #> '{payload,record_id}', said #> '{payload,version}')
    THEN
        RETURN 'a signature is bound to the version it seals';
    END IF;
    RETURN NULL;
END $$;

-- The only change of a body: salt and bytes become NULL, by erase(), after the event saying so.
CREATE OR REPLACE FUNCTION body_guard() RETURNS trigger
LANGUAGE plpgsql SET search_path = ledger, pg_temp AS $$
DECLARE
    erasing text[] := string_to_array(current_setting('ledger.erasing', true), ':');
    why text;
BEGIN
    IF tg_op = 'UPDATE' AND current_user = 'ledger_owner' AND erasing[1] = OLD.id::text THEN
        IF (NEW.id, NEW.stream) = (OLD.id, OLD.stream)
            AND NEW.salt IS NULL AND NEW.body IS NULL AND OLD.body IS NOT NULL
            AND says_erased(erasing[2]::bigint, OLD.id)
        THEN
            why := stays(OLD.stream, OLD.body);
            IF why IS NULL THEN
                RETURN NEW;
            END IF;
        END IF;
    END IF;
    RAISE EXCEPTION 'ledger table %.% is append-only (% refused)%',
        tg_table_schema, tg_table_name, tg_op, coalesce(': ' || why, '')
        USING ERRCODE = 'insufficient_privilege';
END $$;

REVOKE ALL ON FUNCTION is_signed(int, jsonb, jsonb), stays(int, bytea) FROM PUBLIC;

RESET ROLE;
SET LOCAL search_path TO DEFAULT;
