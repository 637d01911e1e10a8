-- The roles: the application's own, which is no superuser, and one for diagnosis, which still gets a login when the
-- application has used up its connections. The tables are the migrations' business.
\set ON_ERROR_STOP on
\getenv scraper_password SCRAPER_PASSWORD
\getenv drillbook_password DRILLBOOK_PASSWORD

CREATE ROLE scraper LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE CONNECTION LIMIT 30 PASSWORD :'scraper_password';
CREATE ROLE drillbook LOGIN NOSUPERUSER CONNECTION LIMIT 3 PASSWORD :'drillbook_password' IN ROLE pg_monitor;

ALTER ROLE drillbook SET default_transaction_read_only = on;
ALTER ROLE drillbook SET statement_timeout = '5s';
ALTER SCHEMA public OWNER TO scraper;
GRANT USAGE ON SCHEMA public TO drillbook;
ALTER DEFAULT PRIVILEGES FOR ROLE scraper IN SCHEMA public GRANT SELECT ON TABLES TO drillbook;
CREATE EXTENSION pg_stat_statements;
