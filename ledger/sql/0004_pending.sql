-- Since when a body waits to be linked, so that waiting too long is noticed.
-- Run by ledger_migrate as ledger_owner, after 0003_links.sql.

SET ROLE ledger_owner;
ALTER TABLE ledger.pending ADD since timestamptz NOT NULL DEFAULT clock_timestamp();
RESET ROLE;
