-- Histories that are found without reading the whole log.

-- The import, change or bulk run that an event names as its cause. Looking for the bytes first spares the
-- other events the parsing.
CREATE FUNCTION log.cause_of(p_state bytea) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN position('\x226361757365223a'::bytea IN p_state) > 0
        THEN convert_from(p_state, 'UTF8')::json ->> 'cause' END
$$;
CREATE INDEX callboard_events_cause_idx ON log.callboard_events (log.cause_of(state))
    WHERE log.cause_of(state) IS NOT NULL;

-- The change that an event is about, whatever caused it.
CREATE FUNCTION log.change_of(p_state bytea) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT convert_from(p_state, 'UTF8')::json #>> '{event,change_id}'
$$;
CREATE INDEX callboard_events_change_idx ON log.callboard_events (log.change_of(state))
    WHERE topic IN ('ChangeProposed', 'ChangeApproved', 'ChangeRejected', 'ChangeWithdrawn', 'ChangeAcknowledged');

-- The shows that a stream has from this event on: every stream that a show was in drafted it or took it in.
CREATE FUNCTION log.shows_of(p_state bytea) RETURNS text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT array_agg(coalesce(s ->> 'id', s #>> '{show,id}'))
    FROM json_array_elements(convert_from(p_state, 'UTF8')::json #> '{event,shows}') AS s
$$;
CREATE INDEX callboard_events_shows_idx ON log.callboard_events USING gin (log.shows_of(state))
    WHERE topic IN ('ShowDrafted', 'ShowsJoined');
