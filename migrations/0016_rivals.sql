-- Who wants a room or creator is read off the index alone, with its id: a plan's own shows, and those that don't
-- overlap, are left out before any show is fetched.

DROP INDEX read.show_creators_creator;
CREATE INDEX show_creators_creator ON read.show_creators (creator_id, starts_at, ends_at) INCLUDE (show_id);
DROP INDEX read.shows_room;
CREATE INDEX shows_room ON read.shows (room_id, starts_at, ends_at) INCLUDE (id) WHERE deleted_at IS NULL;
