-- Runs of imports that were taken back. Runs stored before have no undo: nothing is to be filled in.

ALTER TABLE read.imports ADD COLUMN undone_at timestamptz, ADD COLUMN undone_by text;
