-- The roles: the application's own, which is no superuser, and one for diagnosis, which still gets a login when the
-- application has used up its connections. The tables are the migrations' business.
\set ON_ERROR_STOP on
\getenv audit_password AUDIT_PASSWORD
\getenv drillbook_password DRILLBOOK_PASSWORD

-- 20 connections: the pooler's 12, and some for backups and to look with.
CREATE ROLE audit LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE CONNECTION LIMIT 20 PASSWORD :'audit_password';
CREATE ROLE drillbook LOGIN NOSUPERUSER CONNECTION LIMIT 3 PASSWORD :'drillbook_password' IN ROLE pg_monitor;

ALTER ROLE audit SET statement_timeout = '3s'; -- the pooler passes on no settings of its clients
ALTER ROLE drillbook SET default_transaction_read_only = on;
ALTER ROLE drillbook SET statement_timeout = '5s';
ALTER SCHEMA public OWNER TO audit;
GRANT USAGE ON SCHEMA public TO drillbook;
ALTER DEFAULT PRIVILEGES FOR ROLE audit IN SCHEMA public GRANT SELECT ON TABLES TO drillbook;
GRANT pg_read_all_settings TO audit; -- so that it can be asked what is preloaded
CREATE EXTENSION pg_stat_statements;
