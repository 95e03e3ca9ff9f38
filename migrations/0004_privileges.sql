-- The application may add to the log and read it, and nothing else: events are immutable by privilege.
-- Read tables it may rewrite; they are only a fold of the log.

DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'callboard_app') THEN
        CREATE ROLE callboard_app NOLOGIN;
    END IF;
EXCEPTION
    WHEN insufficient_privilege THEN
        RAISE NOTICE 'role callboard_app can not be created here: the log is guarded by the owner''s own grants';
    WHEN duplicate_object OR unique_violation THEN
        NULL;
END $$;

DO $$
DECLARE
    v_role text;
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'callboard_app') THEN
        v_role := 'callboard_app';
        BEGIN
            EXECUTE format('GRANT callboard_app TO %I', current_user);
        EXCEPTION WHEN insufficient_privilege THEN
            NULL;
        END;
        GRANT USAGE ON SCHEMA log, read TO callboard_app;
        GRANT SELECT ON public.callboard_migrations TO callboard_app;
        GRANT SELECT, INSERT ON log.callboard_events TO callboard_app;
        GRANT SELECT, INSERT, UPDATE, DELETE ON log.idempotency TO callboard_app;
        GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA read TO callboard_app;
    END IF;
    -- The owner gives these up too; where it is no superuser, that binds it.
    EXECUTE format('REVOKE UPDATE, DELETE, TRUNCATE ON log.callboard_events FROM %I', current_user);
END $$;

DO $$
BEGIN
    EXECUTE format('ALTER DATABASE %I SET search_path = read, log, public', current_database());
END $$;
