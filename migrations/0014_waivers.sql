-- Findings that somebody accepted, as long as they are in force. There are none before this: nothing to fill.

CREATE TABLE read.waivers (
    id            text COLLATE "C" PRIMARY KEY,
    schedule_id   text COLLATE "C" NOT NULL REFERENCES read.schedules,
    show_id       text COLLATE "C" NOT NULL,
    other         text COLLATE "C",
    code          text COLLATE "C" NOT NULL,
    resource_id   text COLLATE "C",
    reason        text        NOT NULL,
    starts_at     timestamptz NOT NULL,
    ends_at       timestamptz NOT NULL,
    room_id       text COLLATE "C",
    creators      text[]      NOT NULL,
    overlap_start timestamptz,
    overlap_end   timestamptz,
    created_at    timestamptz NOT NULL,
    created_by    text COLLATE "C" NOT NULL
);
-- Of the shows on a board or in a check, whichever side they are.
CREATE INDEX waivers_show ON read.waivers (show_id);
CREATE INDEX waivers_other ON read.waivers (other) WHERE other IS NOT NULL;

DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'callboard_app') THEN
        GRANT SELECT, INSERT, UPDATE, DELETE ON read.waivers TO callboard_app;
    END IF;
END $$;
