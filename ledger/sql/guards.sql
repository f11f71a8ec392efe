-- One row for each guard of the record as PostgreSQL's catalogue has it: name, definition.
SELECT 'trigger ' || c.relname || '.' || t.tgname,
       pg_get_triggerdef(t.oid) || ' ' || t.tgenabled::text
FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
WHERE c.relnamespace = 'ledger'::regnamespace AND NOT t.tgisinternal
UNION ALL
SELECT 'function ' || p.oid::regprocedure::text,
       pg_get_functiondef(p.oid) || ' ' || pg_get_userbyid(p.proowner) || ' '
       || coalesce((SELECT string_agg(a::text, ',' ORDER BY a::text COLLATE "C") FROM unnest(p.proacl) a), '')
FROM pg_proc p WHERE p.pronamespace = 'ledger'::regnamespace
UNION ALL
SELECT 'relation ' || c.relname,
       c.relkind::text || ' ' || pg_get_userbyid(c.relowner) || ' ' || c.relrowsecurity::text || ' '
       || coalesce((SELECT string_agg(a::text, ',' ORDER BY a::text COLLATE "C") FROM unnest(c.relacl) a), '')
FROM pg_class c WHERE c.relnamespace = 'ledger'::regnamespace AND c.relkind IN ('r', 'v', 'p', 'S')
UNION ALL
SELECT 'column ' || c.relname || '.' || a.attname,
       format_type(a.atttypid, a.atttypmod) || ' ' || a.attnotnull::text || ' '
       || coalesce((SELECT string_agg(g::text, ',' ORDER BY g::text COLLATE "C") FROM unnest(a.attacl) g), '')
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
WHERE c.relnamespace = 'ledger'::regnamespace AND c.relkind = 'r'
  AND a.attnum > 0 AND NOT a.attisdropped
UNION ALL
SELECT 'constraint ' || k.conrelid::regclass::text || '.' || k.conname, pg_get_constraintdef(k.oid)
FROM pg_constraint k WHERE k.connamespace = 'ledger'::regnamespace AND k.contype <> 'n'
UNION ALL
SELECT 'rule ' || r.tablename || '.' || r.rulename, r.definition
FROM pg_rules r WHERE r.schemaname = 'ledger'
UNION ALL
SELECT 'schema ledger',
       pg_get_userbyid(n.nspowner) || ' '
       || coalesce((SELECT string_agg(a::text, ',' ORDER BY a::text COLLATE "C") FROM unnest(n.nspacl) a), '')
FROM pg_namespace n WHERE n.nspname = 'ledger'
UNION ALL
SELECT 'role ' || r.rolname,
       concat_ws(' ', r.rolsuper, r.rolcreaterole, r.rolbypassrls, r.rolreplication, r.rolcanlogin,
       (SELECT string_agg(
           pg_get_userbyid(m.roleid)::text, ',' ORDER BY pg_get_userbyid(m.roleid))
        FROM pg_auth_members m WHERE m.member = r.oid))
FROM pg_roles r WHERE r.rolname LIKE 'ledger\_%'
UNION ALL
SELECT 'members ' || r.rolname,
       coalesce((SELECT string_agg(
           pg_get_userbyid(m.member)::text || ' ' || m.admin_option::text, ','
           ORDER BY pg_get_userbyid(m.member))
        FROM pg_auth_members m WHERE m.roleid = r.oid), '')
FROM pg_roles r WHERE r.rolname LIKE 'ledger\_%'
UNION ALL
SELECT 'settings ' || who.rolname,
       coalesce((SELECT string_agg(
           coalesce(d.datname::text, '*') || ' ' || array_to_string(s.setconfig, ' '), ','
           ORDER BY d.datname NULLS FIRST)
        FROM pg_db_role_setting s LEFT JOIN pg_database d ON d.oid = s.setdatabase
        WHERE s.setrole = who.oid AND (s.setdatabase = 0 OR d.datname = current_database())), '')
FROM (SELECT oid, rolname::text FROM pg_roles WHERE rolname LIKE 'ledger\_%'
      UNION ALL SELECT 0, '*') who
UNION ALL
SELECT 'default ' || c.relname || '.' || a.attname,
       a.attidentity::text || ' ' || a.attgenerated::text || ' '
       || coalesce(pg_get_expr(d.adbin, d.adrelid), '')
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE c.relnamespace = 'ledger'::regnamespace AND c.relkind = 'r'
  AND a.attnum > 0 AND NOT a.attisdropped
UNION ALL
SELECT 'index ' || i.indexrelid::regclass::text,
       pg_get_indexdef(i.indexrelid) || ' ' || i.indisvalid::text
FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
WHERE c.relnamespace = 'ledger'::regnamespace
