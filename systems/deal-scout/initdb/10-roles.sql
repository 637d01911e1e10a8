-- The roles: the application's own, which is no superuser, and one for diagnosis, which still gets a login when the
-- application has used up its connections.
\set ON_ERROR_STOP on
\getenv deals_password DEALS_PASSWORD
\getenv drillbook_password DRILLBOOK_PASSWORD

-- 20 connections: the backend's pool of 10, two for each of the worker's two processes, and some to look with.
CREATE ROLE deals LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE CONNECTION LIMIT 20 PASSWORD :'deals_password';
CREATE ROLE drillbook LOGIN NOSUPERUSER CONNECTION LIMIT 3 PASSWORD :'drillbook_password' IN ROLE pg_monitor;

ALTER ROLE drillbook SET default_transaction_read_only = on;
ALTER ROLE drillbook SET statement_timeout = '5s';
ALTER SCHEMA public OWNER TO deals;
GRANT USAGE ON SCHEMA public TO drillbook;
ALTER DEFAULT PRIVILEGES FOR ROLE deals IN SCHEMA public GRANT SELECT ON TABLES TO drillbook;
CREATE EXTENSION pg_stat_statements;
