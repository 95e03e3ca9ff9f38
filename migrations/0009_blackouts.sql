-- Creators' time off, and blackouts laid over bookings: they wait for those to leave.

-- Closures laid with `re_plan` yield to what was booked before.
ALTER TABLE read.room_closures ADD COLUMN re_plan boolean NOT NULL DEFAULT false;
-- Which rooms have some: asked whenever a booking lets go of one.
CREATE INDEX room_closures_re_plan ON read.room_closures (room_id, "start") WHERE re_plan AND deleted_at IS NULL;

CREATE TABLE read.creator_time_offs (
    id         text COLLATE "C" PRIMARY KEY,
    creator_id text COLLATE "C" NOT NULL REFERENCES read.creators,
    "start"    timestamptz NOT NULL,
    "end"      timestamptz NOT NULL,
    reason     text        NOT NULL,
    re_plan    boolean     NOT NULL,
    system     boolean     NOT NULL,
    version    bigint      NOT NULL,
    created_at timestamptz NOT NULL, created_by text NOT NULL,
    updated_at timestamptz NOT NULL, updated_by text NOT NULL,
    deleted_at timestamptz, deleted_by text,
    CHECK ("start" < "end")
);
CREATE INDEX creator_time_offs_creator ON read.creator_time_offs (creator_id, "start") WHERE deleted_at IS NULL;

-- Closures of rooms and time off of creators: all that holds a resource and is no show.
CREATE FUNCTION read.blackouts(p_resource text[])
RETURNS TABLE (blackout_id text, resource text, span tstzrange, yields boolean) LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN QUERY
        SELECT c.id, c.room_id, tstzrange(c."start", c."end", '[)'), c.re_plan
        FROM room_closures c WHERE c.room_id = ANY (p_resource) AND c.deleted_at IS NULL
        UNION ALL
        SELECT t.id, t.creator_id, tstzrange(t."start", t."end", '[)'), t.re_plan
        FROM creator_time_offs t WHERE t.creator_id = ANY (p_resource) AND t.deleted_at IS NULL;
END $$;

-- As before; and what a booking lets go of inside a blackout that waited for it is closed at once, before
-- anybody takes it. Only a booking that was there already may stay there, or hold less.
-- p_closed: rooms and creators whose blackouts changed; their union is laid anew, around what is booked.
CREATE OR REPLACE FUNCTION read.occupy(
    p_release text[], p_holder text[], p_resource text[], p_from timestamptz[], p_to timestamptz[], p_closed text[]
) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    v_taken integer;
    v_clash jsonb;
    v_laid text[] := '{}';
    v_had_holder text[];
    v_had_resource text[];
    v_had tstzrange[];
BEGIN
    -- Most commands only take: what they don't need isn't planned either.
    IF cardinality(p_release) + cardinality(p_closed) = 0 THEN
        PERFORM lock_resources(p_resource);
    ELSE
        PERFORM lock_resources(array(
            SELECT unnest(p_resource) UNION SELECT unnest(p_closed)
            UNION SELECT o.resource_id FROM occupancy o WHERE o.holder_id = ANY (p_release)
        ));
        v_laid := array(
            SELECT unnest(p_closed)
            UNION
            SELECT o.resource_id FROM occupancy o JOIN room_closures c
                ON c.room_id = o.resource_id AND tstzrange(c."start", c."end", '[)') && o.during
            WHERE o.holder_id = ANY (p_release) AND c.re_plan AND c.deleted_at IS NULL
            UNION
            SELECT o.resource_id FROM occupancy o JOIN creator_time_offs t
                ON t.creator_id = o.resource_id AND tstzrange(t."start", t."end", '[)') && o.during
            WHERE o.holder_id = ANY (p_release) AND t.re_plan AND t.deleted_at IS NULL
        );
        IF cardinality(v_laid) > 0 THEN
            SELECT array_agg(o.holder_id), array_agg(o.resource_id), array_agg(o.during)
            INTO v_had_holder, v_had_resource, v_had
            FROM occupancy o WHERE o.holder_id = ANY (p_release) AND o.resource_id = ANY (v_laid);
            DELETE FROM occupancy WHERE kind = 'closure' AND resource_id = ANY (v_laid);
        END IF;
        DELETE FROM occupancy WHERE holder_id = ANY (p_release);
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

    IF cardinality(v_laid) = 0 THEN
        RETURN;
    END IF;
    SELECT jsonb_agg(jsonb_build_object(
        'holder_id', q.h, 'resource_id', q.r, 'with', b.blackout_id, 'kind', 'closure',
        'start', lower(b.span * tstzrange(q.f, q.t, '[)')), 'end', upper(b.span * tstzrange(q.f, q.t, '[)'))
    )) INTO v_clash
    FROM unnest(p_resource, p_holder, p_from, p_to) AS q (r, h, f, t)
    JOIN blackouts(v_laid) b ON b.resource = q.r AND b.span && tstzrange(q.f, q.t, '[)')
    WHERE NOT b.span * tstzrange(q.f, q.t, '[)') <@ coalesce((
        SELECT range_agg(w.d) FROM unnest(v_had_holder, v_had_resource, v_had) AS w (h, r, d)
        WHERE w.h = q.h AND w.r = q.r
    ), '{}');
    IF v_clash IS NOT NULL THEN
        RAISE EXCEPTION 'taken' USING ERRCODE = 'exclusion_violation',
            CONSTRAINT = 'occupancy_no_overlap', DETAIL = v_clash::text;
    END IF;

    INSERT INTO occupancy (resource_id, holder_id, kind, during)
    SELECT k.resource, (
        SELECT min(b.blackout_id) FROM blackouts(ARRAY[k.resource]) b WHERE b.span && u.during
    ), 'closure', u.during
    FROM (SELECT b.resource, range_agg(b.span) AS closed FROM blackouts(v_laid) b GROUP BY b.resource) k
    CROSS JOIN LATERAL (
        SELECT range_agg(o.during) AS booked FROM occupancy o
        WHERE o.resource = md5(k.resource)::uuid AND o.during && range_merge(k.closed)
    ) h
    CROSS JOIN LATERAL unnest(k.closed - coalesce(h.booked, '{}')) AS u (during)
    ORDER BY md5(k.resource)::uuid, lower(u.during)
    ON CONFLICT ON CONSTRAINT occupancy_no_overlap DO NOTHING;
    SELECT jsonb_agg(jsonb_build_object(
        'holder_id', b.blackout_id, 'resource_id', b.resource, 'with', o.holder_id, 'kind', o.kind,
        'start', lower(o.during * b.span), 'end', upper(o.during * b.span)
    )) INTO v_clash
    FROM blackouts(p_closed) b
    JOIN occupancy o ON o.resource = md5(b.resource)::uuid AND o.kind = 'show' AND o.during && b.span
    WHERE NOT b.yields;
    IF v_clash IS NOT NULL THEN
        RAISE EXCEPTION 'taken' USING ERRCODE = 'exclusion_violation',
            CONSTRAINT = 'occupancy_no_overlap', DETAIL = v_clash::text;
    END IF;
END $$;

DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'callboard_app') THEN
        GRANT SELECT, INSERT, UPDATE, DELETE ON read.creator_time_offs TO callboard_app;
    END IF;
END $$;
