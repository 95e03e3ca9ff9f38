-- The whole life of a schedule: changes, comments, versions that can be renamed, shows that come back.

ALTER TABLE read.shows ADD COLUMN restored_from text COLLATE "C";
ALTER TABLE read.versions ADD COLUMN deleted_at timestamptz, ADD COLUMN deleted_by text;

-- Lists of shows without a narrower filter, and windows over all studios.
CREATE INDEX shows_start ON read.shows (starts_at, id) WHERE deleted_at IS NULL;

CREATE TABLE read.changes (
    id              text COLLATE "C" PRIMARY KEY,
    schedule_id     text COLLATE "C" NOT NULL REFERENCES read.schedules,
    category        text COLLATE "C" NOT NULL REFERENCES read.change_categories (key),
    change_type     text COLLATE "C" NOT NULL REFERENCES read.change_types (key),
    reason          text        NOT NULL,
    status          text        NOT NULL,
    needs           text        NOT NULL,
    base_version    integer     NOT NULL,
    operations      json        NOT NULL,
    on_behalf       boolean     NOT NULL,
    proposed_at     timestamptz NOT NULL,
    proposed_by     text        NOT NULL,
    decided_at      timestamptz,
    decided_by      text,
    decision_note   text,
    acknowledged_at timestamptz,
    acknowledged_by text
);
-- Of one schedule, newest first; and the inbox: what waits for a side.
CREATE INDEX changes_schedule ON read.changes (schedule_id, proposed_at);
CREATE INDEX changes_open ON read.changes (needs, proposed_at) WHERE status = 'proposed';
CREATE INDEX changes_unseen ON read.changes (proposed_at) WHERE needs = 'none' AND acknowledged_at IS NULL;

CREATE TABLE read.comments (
    id          text COLLATE "C" PRIMARY KEY,
    schedule_id text COLLATE "C" NOT NULL REFERENCES read.schedules,
    subject_id  text COLLATE "C" NOT NULL,
    text        text        NOT NULL,
    created_at  timestamptz NOT NULL,
    created_by  text        NOT NULL,
    updated_at  timestamptz NOT NULL,
    deleted_at  timestamptz
);
CREATE INDEX comments_subject ON read.comments (subject_id, created_at);

DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'callboard_app') THEN
        GRANT SELECT, INSERT, UPDATE, DELETE ON read.changes, read.comments TO callboard_app;
    END IF;
END $$;
