-- Where a show ends stands beside where it starts: who wants a room or creator in a window is told by the index
-- alone. Without it every show of a day around was fetched, to see that most of them end too early.

ALTER TABLE read.show_creators ADD COLUMN ends_at timestamptz;
UPDATE read.show_creators k SET ends_at = s.ends_at FROM read.shows s WHERE s.id = k.show_id;
ALTER TABLE read.show_creators ALTER COLUMN ends_at SET NOT NULL;

DROP INDEX read.show_creators_creator;
CREATE INDEX show_creators_creator ON read.show_creators (creator_id, starts_at, ends_at);
DROP INDEX read.shows_room;
CREATE INDEX shows_room ON read.shows (room_id, starts_at, ends_at) WHERE deleted_at IS NULL;
