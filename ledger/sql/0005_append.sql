-- One call that appends an event and makes it findable: its plans are made once for each
-- connection, not for each append.  Run by ledger_migrate as ledger_owner.

SET ROLE ledger_owner;
SET LOCAL search_path = ledger, pg_temp;

-- It acts with the caller's own privileges: it can do nothing that ledger_app cannot do.
-- Return the id of the body; the stream is opened on first use.
CREATE FUNCTION append_findable(
    origin text, salt bytea, body bytea,
    event text, actor text, subject text, at timestamptz, session text, device text
) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
    st int;
    written bigint;
BEGIN
    SELECT s.id INTO st FROM ledger.stream s WHERE s.origin = $1;
    IF NOT FOUND THEN
        st := ledger.open_stream($1);
    END IF;
    INSERT INTO ledger.body (stream, salt, body) VALUES (st, $2, $3) RETURNING id INTO written;
    INSERT INTO public.ledger_indexedentry
        (body_id, stream_id, event, actor, subject, at, session, device)
        VALUES (written, st, $4, $5, $6, $7, $8, $9);
    RETURN written;
END $$;

REVOKE ALL ON FUNCTION append_findable(
    text, bytea, bytea, text, text, text, timestamptz, text, text
) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION append_findable(
    text, bytea, bytea, text, text, text, timestamptz, text, text
) TO ledger_app;

RESET ROLE;
SET LOCAL search_path TO DEFAULT;
