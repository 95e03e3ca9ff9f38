-- Schedules, their shows and versions, and who holds what when.

CREATE EXTENSION IF NOT EXISTS btree_gist;

CREATE TABLE read.schedules (
    id               text COLLATE "C" PRIMARY KEY,
    kind             text NOT NULL,
    name             text NOT NULL,
    studio_id        text COLLATE "C" NOT NULL REFERENCES read.studios,
    client_id        text COLLATE "C" REFERENCES read.clients,
    start_date       date NOT NULL,
    end_date         date NOT NULL,
    note             text NOT NULL,
    status           text NOT NULL,
    status_id        text COLLATE "C" NOT NULL REFERENCES read.schedule_statuses,
    current_version  integer,
    approved_version integer,
    has_unversioned_edits boolean NOT NULL,
    version          bigint NOT NULL,
    created_at timestamptz NOT NULL, created_by text NOT NULL,
    updated_at timestamptz NOT NULL, updated_by text NOT NULL,
    deleted_at timestamptz, deleted_by text,
    CHECK (start_date <= end_date)
);
-- Lists are by period or by client, newest first within; `in_use` counts by studio and client.
CREATE INDEX schedules_client ON read.schedules (client_id, start_date);
CREATE INDEX schedules_studio ON read.schedules (studio_id, start_date);
CREATE INDEX schedules_status ON read.schedules (status_id);

CREATE TABLE read.shows (
    id              text COLLATE "C" PRIMARY KEY,
    schedule_id     text COLLATE "C" NOT NULL REFERENCES read.schedules,
    studio_id       text COLLATE "C" NOT NULL REFERENCES read.studios,
    client_id       text COLLATE "C" REFERENCES read.clients,
    room_id         text COLLATE "C" REFERENCES read.rooms,
    external_id     text COLLATE "C",
    name            text        NOT NULL,
    starts_at       timestamptz NOT NULL,
    ends_at         timestamptz NOT NULL,
    operational_day date        NOT NULL,
    status          text        NOT NULL REFERENCES read.show_statuses (key),
    show_type       text COLLATE "C" NOT NULL REFERENCES read.show_types (key),
    show_standard   text COLLATE "C" NOT NULL REFERENCES read.show_standards (key),
    creators        text[]      NOT NULL,
    platforms       json        NOT NULL,
    note            text        NOT NULL,
    metadata        json        NOT NULL,
    actual_start    timestamptz,
    actual_end      timestamptz,
    reason_category text,
    reason_note     text,
    version         bigint      NOT NULL,
    created_at timestamptz NOT NULL, created_by text NOT NULL,
    updated_at timestamptz NOT NULL, updated_by text NOT NULL,
    deleted_at timestamptz, deleted_by text,
    CHECK (starts_at < ends_at)
);
-- One live show per external id and client; a plan without a client counts by its studio.
CREATE UNIQUE INDEX shows_external_id_live
    ON read.shows (coalesce(client_id, studio_id), external_id) WHERE deleted_at IS NULL;
CREATE INDEX shows_schedule ON read.shows (schedule_id, starts_at);
-- Who wants or had a room in a window: bounded by the longest show, as fast as GiST.
CREATE INDEX shows_room ON read.shows (room_id, starts_at) WHERE deleted_at IS NULL;
CREATE INDEX shows_studio ON read.shows (studio_id, starts_at) WHERE deleted_at IS NULL;
CREATE INDEX shows_client ON read.shows (client_id, starts_at) WHERE deleted_at IS NULL;

-- The creators of a show, with its start beside them so that a creator's window is one index range.
CREATE TABLE read.show_creators (
    show_id    text COLLATE "C" NOT NULL REFERENCES read.shows,
    creator_id text COLLATE "C" NOT NULL REFERENCES read.creators,
    starts_at  timestamptz NOT NULL,
    PRIMARY KEY (show_id, creator_id)
);
CREATE INDEX show_creators_creator ON read.show_creators (creator_id, starts_at);

CREATE TABLE read.show_platforms (
    show_id     text COLLATE "C" NOT NULL REFERENCES read.shows,
    platform_id text COLLATE "C" NOT NULL REFERENCES read.platforms,
    PRIMARY KEY (show_id, platform_id)
);
CREATE INDEX show_platforms_platform ON read.show_platforms (platform_id);

CREATE TABLE read.versions (
    schedule_id text COLLATE "C" NOT NULL REFERENCES read.schedules,
    number      integer     NOT NULL,
    kind        text        NOT NULL,
    label       text        NOT NULL,
    note        text        NOT NULL,
    position    bigint      NOT NULL,
    show_count  integer     NOT NULL,
    created_at  timestamptz NOT NULL,
    created_by  text        NOT NULL,
    PRIMARY KEY (schedule_id, number)
);

CREATE TABLE read.imports (
    id          text COLLATE "C" PRIMARY KEY,
    file_name   text        NOT NULL,
    file_sha256 text        NOT NULL,
    counts      json        NOT NULL,
    schedules   json        NOT NULL,
    created     json        NOT NULL,
    options     json        NOT NULL,
    outcome     text        NOT NULL,
    report      json        NOT NULL,
    created_at  timestamptz NOT NULL,
    created_by  text        NOT NULL
);
CREATE INDEX imports_created_at ON read.imports (created_at, id);

-- Who holds a room or creator when. The exclusion constraint is what makes double booking impossible.
-- It works on a uuid drawn from the id: smaller and faster than text.
CREATE TABLE read.occupancy (
    resource_id text COLLATE "C" NOT NULL,
    holder_id   text COLLATE "C" NOT NULL,
    kind        text             NOT NULL CHECK (kind IN ('show', 'closure')),
    during      tstzrange        NOT NULL CHECK (NOT isempty(during)),
    resource    uuid             NOT NULL GENERATED ALWAYS AS (md5(resource_id)::uuid) STORED,
    CONSTRAINT occupancy_no_overlap EXCLUDE USING gist (resource WITH =, during WITH &&)
);
-- Releasing what a show held.
CREATE INDEX occupancy_holder ON read.occupancy (holder_id);

-- Locks resources in one fixed order, so that commands that take and release them never deadlock.
CREATE FUNCTION read.lock_resources(p_resource text[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    v_key bigint;
BEGIN
    FOR v_key IN SELECT DISTINCT hashtextextended(r, 7) AS k FROM unnest(p_resource) AS r ORDER BY k LOOP
        PERFORM pg_advisory_xact_lock(v_key);
    END LOOP;
END $$;

-- The only writer of occupancy, called once per command: locks everything concerned, lets go of the
-- old, then takes the new. What can't be taken is refused with all the holders in the way.
-- p_closed: rooms whose closures changed; their closures' union is laid anew.
CREATE FUNCTION read.occupy(
    p_release text[], p_holder text[], p_resource text[], p_from timestamptz[], p_to timestamptz[], p_closed text[]
) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    v_taken integer;
    v_clash jsonb;
BEGIN
    -- Most commands only take: what they don't need isn't planned either.
    IF cardinality(p_release) + cardinality(p_closed) = 0 THEN
        PERFORM lock_resources(p_resource);
    ELSE
        PERFORM lock_resources(array(
            SELECT unnest(p_resource) UNION SELECT unnest(p_closed)
            UNION SELECT o.resource_id FROM occupancy o WHERE o.holder_id = ANY (p_release)
        ));
        DELETE FROM occupancy WHERE holder_id = ANY (p_release);
        DELETE FROM occupancy WHERE kind = 'closure' AND resource_id = ANY (p_closed);
    END IF;

    INSERT INTO occupancy (resource_id, holder_id, kind, during)
    SELECT r, h, 'show', tstzrange(f, t, '[)')
    FROM unnest(p_resource, p_holder, p_from, p_to) AS q (r, h, f, t)
    ORDER BY md5(r)::uuid, f
    ON CONFLICT ON CONSTRAINT occupancy_no_overlap DO NOTHING;
    GET DIAGNOSTICS v_taken = ROW_COUNT;
    IF v_taken < cardinality(p_resource) THEN
        SELECT jsonb_agg(jsonb_build_object(
            'holder_id', q.h, 'resource_id', q.r, 'with', o.holder_id, 'kind', o.kind,
            'start', lower(o.during * tstzrange(q.f, q.t, '[)')), 'end', upper(o.during * tstzrange(q.f, q.t, '[)'))
        )) INTO v_clash
        FROM unnest(p_resource, p_holder, p_from, p_to) AS q (r, h, f, t)
        JOIN occupancy o ON o.resource = md5(q.r)::uuid AND o.during && tstzrange(q.f, q.t, '[)')
        WHERE o.holder_id <> q.h;
        RAISE EXCEPTION 'taken' USING ERRCODE = 'exclusion_violation',
            CONSTRAINT = 'occupancy_no_overlap', DETAIL = coalesce(v_clash, '[]')::text;
    END IF;

    IF cardinality(p_closed) = 0 THEN
        RETURN;
    END IF;
    INSERT INTO occupancy (resource_id, holder_id, kind, during)
    SELECT u.room_id, (
        SELECT min(c.id) FROM room_closures c
        WHERE c.room_id = u.room_id AND c.deleted_at IS NULL AND tstzrange(c."start", c."end", '[)') && u.during
    ), 'closure', u.during
    FROM (
        SELECT c.room_id, unnest(range_agg(tstzrange(c."start", c."end", '[)'))) AS during
        FROM room_closures c WHERE c.room_id = ANY (p_closed) AND c.deleted_at IS NULL GROUP BY c.room_id
    ) u
    ORDER BY md5(u.room_id)::uuid, lower(u.during)
    ON CONFLICT ON CONSTRAINT occupancy_no_overlap DO NOTHING;
    SELECT jsonb_agg(jsonb_build_object(
        'holder_id', c.id, 'resource_id', c.room_id, 'with', o.holder_id, 'kind', o.kind,
        'start', lower(o.during * tstzrange(c."start", c."end", '[)')),
        'end', upper(o.during * tstzrange(c."start", c."end", '[)'))
    )) INTO v_clash
    FROM room_closures c
    JOIN occupancy o ON o.resource = md5(c.room_id)::uuid AND o.kind = 'show'
        AND o.during && tstzrange(c."start", c."end", '[)')
    WHERE c.room_id = ANY (p_closed) AND c.deleted_at IS NULL;
    IF v_clash IS NOT NULL THEN
        RAISE EXCEPTION 'taken' USING ERRCODE = 'exclusion_violation',
            CONSTRAINT = 'occupancy_no_overlap', DETAIL = v_clash::text;
    END IF;
END $$;
