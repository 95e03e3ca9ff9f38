-- The event log: append-only by privilege, hash-chained, positions without gaps in commit order.

CREATE SCHEMA log;

-- The eventsourcing library's table (its names), with the chain's hash, and time and actor beside the
-- state so that an audit can be narrowed without reading everything.
CREATE TABLE log.callboard_events (
    originator_id      text COLLATE "C" NOT NULL,
    originator_version bigint           NOT NULL CHECK (originator_version > 0),
    topic              text COLLATE "C" NOT NULL,
    state              bytea            NOT NULL,
    notification_id    bigint           NOT NULL,
    hash               bytea            NOT NULL,
    at                 timestamptz      NOT NULL,
    actor_id           text COLLATE "C" NOT NULL,
    CONSTRAINT callboard_events_pkey PRIMARY KEY (originator_id, originator_version)
);
-- Reading in order, and the head of the chain.
CREATE UNIQUE INDEX callboard_events_notification_id_idx ON log.callboard_events (notification_id);
-- `audit log --since/--until`: time follows position, so a tiny index is enough.
CREATE INDEX callboard_events_at_idx ON log.callboard_events USING brin (at);
-- `audit log --actor`.
CREATE INDEX callboard_events_actor_idx ON log.callboard_events (actor_id, notification_id);

-- First answers of POSTs with an Idempotency-Key, written in the transaction of their events.
CREATE TABLE log.idempotency (
    user_id     text COLLATE "C" NOT NULL,
    route       text COLLATE "C" NOT NULL,
    key         text COLLATE "C" NOT NULL,
    body_sha256 bytea            NOT NULL,
    answer      bytea,
    created_at  timestamptz      NOT NULL DEFAULT now(),
    PRIMARY KEY (user_id, route, key)
);
CREATE INDEX idempotency_created_at ON log.idempotency (created_at);

-- What the chain covers, length-prefixed so that no two rows can spell the same bytes.
CREATE FUNCTION log.row_bytes(p_pos bigint, p_stream text, p_version bigint, p_topic text, p_state bytea)
RETURNS bytea LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT int8send(p_pos)
        || int4send(octet_length(p_stream)) || convert_to(p_stream, 'UTF8')
        || int8send(p_version)
        || int4send(octet_length(p_topic)) || convert_to(p_topic, 'UTF8')
        || p_state
$$;

-- Appends the events of one command and answers the position of the first. Called last in a command:
-- the lock is held until the commit that follows, so positions are in commit order.
CREATE FUNCTION log.append(
    p_stream text[], p_version bigint[], p_topic text[], p_state bytea[], p_at timestamptz[], p_actor text[]
) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    v_first bigint;
    v_pos   bigint;
    v_hash  bytea;
    v_all   bigint[] := '{}';
    v_chain bytea[] := '{}';
BEGIN
    PERFORM pg_advisory_xact_lock(7001);
    -- A statement of its own: it takes its snapshot after the lock was granted. In one statement the chain forks.
    SELECT notification_id, hash INTO v_pos, v_hash
    FROM log.callboard_events ORDER BY notification_id DESC LIMIT 1;
    v_pos := coalesce(v_pos, 0);
    v_hash := coalesce(v_hash, '\x00');
    v_first := v_pos + 1;
    FOR i IN 1 .. cardinality(p_stream) LOOP
        v_pos := v_pos + 1;
        v_hash := sha256(v_hash || log.row_bytes(v_pos, p_stream[i], p_version[i], p_topic[i], p_state[i]));
        v_all := v_all || v_pos;
        v_chain := v_chain || v_hash;
    END LOOP;
    INSERT INTO log.callboard_events
        (originator_id, originator_version, topic, state, notification_id, hash, at, actor_id)
    SELECT s, v, t, b, n, h, a, w
    FROM unnest(p_stream, p_version, p_topic, p_state, v_all, v_chain, p_at, p_actor) AS q (s, v, t, b, n, h, a, w);
    RETURN v_first;
END $$;
