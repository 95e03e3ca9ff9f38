-- Hashes of local accounts' passwords. Beside the log, not in it: an event is for ever, a hash must not be.
-- No projection writes it, so a rebuild of the read tables leaves it alone.
CREATE TABLE log.passwords (
    user_id text PRIMARY KEY,
    hash text NOT NULL,
    set_at timestamptz NOT NULL
);

DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'callboard_app') THEN
        GRANT SELECT, INSERT, UPDATE ON log.passwords TO callboard_app;
    END IF;
END $$;
