-- What a client's users see of its plans: what its planners set, as the newest version of each schedule has it.
-- Statuses and all else are read from `shows` and `schedules`, as they are.

CREATE TABLE read.published_schedules (
    id         text COLLATE "C" PRIMARY KEY REFERENCES read.schedules,
    name       text NOT NULL,
    start_date date NOT NULL,
    end_date   date NOT NULL,
    note       text NOT NULL
);

CREATE TABLE read.published_shows (
    id              text COLLATE "C" PRIMARY KEY REFERENCES read.shows,
    schedule_id     text COLLATE "C" NOT NULL,
    client_id       text COLLATE "C" NOT NULL,
    room_id         text COLLATE "C",
    external_id     text COLLATE "C",
    name            text        NOT NULL,
    starts_at       timestamptz NOT NULL,
    ends_at         timestamptz NOT NULL,
    operational_day date        NOT NULL,
    show_type       text COLLATE "C" NOT NULL,
    show_standard   text COLLATE "C" NOT NULL,
    creators        text[]      NOT NULL,
    platforms       json        NOT NULL,
    note            text        NOT NULL,
    metadata        json        NOT NULL
);
-- A client's lists, exports and board windows; and the shows of one schedule.
CREATE INDEX published_shows_client ON read.published_shows (client_id, starts_at);
CREATE INDEX published_shows_schedule ON read.published_shows (schedule_id, starts_at);

-- Schedules that are as their newest version has them. What the others showed is only in the log: whoever
-- migrates rebuilds the read tables when there are any (projections.published.lacking).
INSERT INTO read.published_schedules
SELECT s.id, s.name, s.start_date, s.end_date, s.note FROM read.schedules s
WHERE s.client_id IS NOT NULL AND s.current_version IS NOT NULL AND NOT s.has_unversioned_edits
  AND s.deleted_at IS NULL;
INSERT INTO read.published_shows
SELECT h.id, h.schedule_id, h.client_id, h.room_id, h.external_id, h.name, h.starts_at, h.ends_at,
       h.operational_day, h.show_type, h.show_standard, h.creators, h.platforms, h.note, h.metadata
FROM read.shows h JOIN read.published_schedules p ON p.id = h.schedule_id
WHERE h.deleted_at IS NULL;

DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'callboard_app') THEN
        GRANT SELECT, INSERT, UPDATE, DELETE ON read.published_schedules, read.published_shows TO callboard_app;
    END IF;
END $$;
