-- Which features are switched on for whom (SPEC 9).

CREATE TABLE read.features (
    id        text COLLATE "C" PRIMARY KEY,
    feature   text    NOT NULL,
    user_type text    NOT NULL,
    studio_id text COLLATE "C" REFERENCES read.studios,
    enabled   boolean NOT NULL,
    system    boolean NOT NULL,
    version   bigint  NOT NULL,
    created_at timestamptz NOT NULL, created_by text NOT NULL,
    updated_at timestamptz NOT NULL, updated_by text NOT NULL,
    deleted_at timestamptz, deleted_by text
);
CREATE UNIQUE INDEX features_switch_live
    ON read.features (feature, user_type, coalesce(studio_id, '')) WHERE deleted_at IS NULL;
CREATE INDEX features_studio ON read.features (studio_id) WHERE studio_id IS NOT NULL;

DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'callboard_app') THEN
        GRANT SELECT, INSERT, UPDATE, DELETE ON read.features TO callboard_app;
    END IF;
END $$;
