-- Comments have a version, which counts how often they were said anew.

ALTER TABLE read.comments ADD COLUMN version bigint NOT NULL DEFAULT 1;
UPDATE read.comments c SET version = 1 + e.edits
FROM (
    SELECT convert_from(state, 'UTF8')::json #>> '{event,comment_id}' AS id, count(*) AS edits
    FROM log.callboard_events WHERE topic IN ('CommentEdited', 'CommentRemoved') GROUP BY 1
) e
WHERE e.id = c.id;
ALTER TABLE read.comments ALTER COLUMN version DROP DEFAULT;
