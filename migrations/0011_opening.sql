-- When studios are open: by weekday, and on single dates instead.

CREATE TABLE read.opening_hours (
    id        text COLLATE "C" PRIMARY KEY,
    studio_id text COLLATE "C" NOT NULL REFERENCES read.studios,
    weekday   integer NOT NULL,
    opens     text    NOT NULL,
    closes    text    NOT NULL,
    re_plan   boolean NOT NULL,
    system    boolean NOT NULL,
    version   bigint  NOT NULL,
    created_at timestamptz NOT NULL, created_by text NOT NULL,
    updated_at timestamptz NOT NULL, updated_by text NOT NULL,
    deleted_at timestamptz, deleted_by text
);
CREATE INDEX opening_hours_studio ON read.opening_hours (studio_id) WHERE deleted_at IS NULL;

CREATE TABLE read.opening_exceptions (
    id        text COLLATE "C" PRIMARY KEY,
    studio_id text COLLATE "C" NOT NULL REFERENCES read.studios,
    date      date    NOT NULL,
    opens     text,
    closes    text,
    reason    text    NOT NULL,
    re_plan   boolean NOT NULL,
    system    boolean NOT NULL,
    version   bigint  NOT NULL,
    created_at timestamptz NOT NULL, created_by text NOT NULL,
    updated_at timestamptz NOT NULL, updated_by text NOT NULL,
    deleted_at timestamptz, deleted_by text
);
CREATE INDEX opening_exceptions_studio ON read.opening_exceptions (studio_id, date) WHERE deleted_at IS NULL;

DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'callboard_app') THEN
        GRANT SELECT, INSERT, UPDATE, DELETE ON read.opening_hours, read.opening_exceptions TO callboard_app;
    END IF;
END $$;
