-- Who of the studio has seen what a client said. Nobody has before this: nothing to fill.

ALTER TABLE read.comments
    ADD COLUMN acknowledged_at timestamptz,
    ADD COLUMN acknowledged_by text COLLATE "C";
