-- Reference entities: one table each, one row per stream. Every row carries the same bookkeeping.
-- Names are unique among live rows; keys of look-up rows for ever, because events store them.

CREATE SCHEMA read;

CREATE TABLE read.users (
    id               text COLLATE "C" PRIMARY KEY,
    email            text    NOT NULL,
    name             text    NOT NULL,
    is_system_admin  boolean NOT NULL,
    is_banned        boolean NOT NULL,
    external_subject text,
    system           boolean NOT NULL,
    version          bigint  NOT NULL,
    created_at timestamptz NOT NULL, created_by text NOT NULL,
    updated_at timestamptz NOT NULL, updated_by text NOT NULL,
    deleted_at timestamptz, deleted_by text
);
CREATE UNIQUE INDEX users_email_live ON read.users (lower(email)) WHERE deleted_at IS NULL;
CREATE UNIQUE INDEX users_external_subject_live ON read.users (external_subject) WHERE deleted_at IS NULL;

CREATE TABLE read.clients (
    id             text COLLATE "C" PRIMARY KEY,
    name           text NOT NULL,
    contact_person text,
    contact_email  text,
    system         boolean NOT NULL,
    version        bigint  NOT NULL,
    created_at timestamptz NOT NULL, created_by text NOT NULL,
    updated_at timestamptz NOT NULL, updated_by text NOT NULL,
    deleted_at timestamptz, deleted_by text
);
CREATE UNIQUE INDEX clients_name_live ON read.clients (name) WHERE deleted_at IS NULL;

CREATE TABLE read.studios (
    id                text COLLATE "C" PRIMARY KEY,
    name              text    NOT NULL,
    address           text,
    time_zone         text    NOT NULL,
    day_start         text    NOT NULL,
    client_approval   boolean NOT NULL,
    late_change_hours integer NOT NULL,
    system            boolean NOT NULL,
    version           bigint  NOT NULL,
    created_at timestamptz NOT NULL, created_by text NOT NULL,
    updated_at timestamptz NOT NULL, updated_by text NOT NULL,
    deleted_at timestamptz, deleted_by text
);
CREATE UNIQUE INDEX studios_name_live ON read.studios (name) WHERE deleted_at IS NULL;

CREATE TABLE read.rooms (
    id                 text COLLATE "C" PRIMARY KEY,
    studio_id          text COLLATE "C" NOT NULL REFERENCES read.studios,
    name               text    NOT NULL,
    capacity           integer,
    lead_minutes       integer NOT NULL,
    turnaround_minutes integer NOT NULL,
    system             boolean NOT NULL,
    version            bigint  NOT NULL,
    created_at timestamptz NOT NULL, created_by text NOT NULL,
    updated_at timestamptz NOT NULL, updated_by text NOT NULL,
    deleted_at timestamptz, deleted_by text
);
CREATE UNIQUE INDEX rooms_studio_id_name_live ON read.rooms (studio_id, name) WHERE deleted_at IS NULL;

CREATE TABLE read.room_closures (
    id      text COLLATE "C" PRIMARY KEY,
    room_id text COLLATE "C" NOT NULL REFERENCES read.rooms,
    "start" timestamptz NOT NULL,
    "end"   timestamptz NOT NULL,
    reason  text        NOT NULL,
    system  boolean     NOT NULL,
    version bigint      NOT NULL,
    created_at timestamptz NOT NULL, created_by text NOT NULL,
    updated_at timestamptz NOT NULL, updated_by text NOT NULL,
    deleted_at timestamptz, deleted_by text,
    CHECK ("start" < "end")
);
-- The closures of a room, for their union and for conflicts.
CREATE INDEX room_closures_room ON read.room_closures (room_id, "start") WHERE deleted_at IS NULL;

CREATE TABLE read.creators (
    id        text COLLATE "C" PRIMARY KEY,
    name      text    NOT NULL,
    alias     text,
    is_banned boolean NOT NULL,
    user_id   text COLLATE "C" REFERENCES read.users,
    system    boolean NOT NULL,
    version   bigint  NOT NULL,
    created_at timestamptz NOT NULL, created_by text NOT NULL,
    updated_at timestamptz NOT NULL, updated_by text NOT NULL,
    deleted_at timestamptz, deleted_by text
);
-- Imports look creators up by name; two may share one.
CREATE INDEX creators_name ON read.creators (name) WHERE deleted_at IS NULL;
CREATE INDEX creators_user ON read.creators (user_id) WHERE user_id IS NOT NULL;

CREATE TABLE read.platforms (
    id       text COLLATE "C" PRIMARY KEY,
    name     text NOT NULL,
    settings json NOT NULL,
    system   boolean NOT NULL,
    version  bigint  NOT NULL,
    created_at timestamptz NOT NULL, created_by text NOT NULL,
    updated_at timestamptz NOT NULL, updated_by text NOT NULL,
    deleted_at timestamptz, deleted_by text
);
CREATE UNIQUE INDEX platforms_name_live ON read.platforms (name) WHERE deleted_at IS NULL;

CREATE TABLE read.memberships (
    id        text COLLATE "C" PRIMARY KEY,
    user_id   text COLLATE "C" NOT NULL REFERENCES read.users,
    studio_id text COLLATE "C" REFERENCES read.studios,
    client_id text COLLATE "C" REFERENCES read.clients,
    role      text    NOT NULL,
    system    boolean NOT NULL,
    version   bigint  NOT NULL,
    created_at timestamptz NOT NULL, created_by text NOT NULL,
    updated_at timestamptz NOT NULL, updated_by text NOT NULL,
    deleted_at timestamptz, deleted_by text,
    CHECK (num_nonnulls(studio_id, client_id) = 1)
);
CREATE UNIQUE INDEX memberships_user_id_live
    ON read.memberships (user_id, coalesce(studio_id, client_id)) WHERE deleted_at IS NULL;
CREATE INDEX memberships_studio ON read.memberships (studio_id) WHERE studio_id IS NOT NULL;
CREATE INDEX memberships_client ON read.memberships (client_id) WHERE client_id IS NOT NULL;

CREATE TABLE read.show_types (
    id      text COLLATE "C" PRIMARY KEY,
    key     text COLLATE "C" NOT NULL,
    name    text    NOT NULL,
    system  boolean NOT NULL,
    version bigint  NOT NULL,
    created_at timestamptz NOT NULL, created_by text NOT NULL,
    updated_at timestamptz NOT NULL, updated_by text NOT NULL,
    deleted_at timestamptz, deleted_by text,
    CONSTRAINT show_types_key UNIQUE (key)
);

CREATE TABLE read.show_standards (
    id               text COLLATE "C" PRIMARY KEY,
    key              text COLLATE "C" NOT NULL,
    name             text    NOT NULL,
    requires_creator boolean NOT NULL,
    system           boolean NOT NULL,
    version          bigint  NOT NULL,
    created_at timestamptz NOT NULL, created_by text NOT NULL,
    updated_at timestamptz NOT NULL, updated_by text NOT NULL,
    deleted_at timestamptz, deleted_by text,
    CONSTRAINT show_standards_key UNIQUE (key)
);

CREATE TABLE read.show_statuses (
    id       text COLLATE "C" PRIMARY KEY,
    key      text COLLATE "C" NOT NULL,
    name     text    NOT NULL,
    position integer NOT NULL,
    system   boolean NOT NULL,
    version  bigint  NOT NULL,
    created_at timestamptz NOT NULL, created_by text NOT NULL,
    updated_at timestamptz NOT NULL, updated_by text NOT NULL,
    deleted_at timestamptz, deleted_by text,
    CONSTRAINT show_statuses_key UNIQUE (key)
);

CREATE TABLE read.schedule_statuses (
    id       text COLLATE "C" PRIMARY KEY,
    key      text COLLATE "C" NOT NULL,
    name     text    NOT NULL,
    position integer NOT NULL,
    system   boolean NOT NULL,
    version  bigint  NOT NULL,
    created_at timestamptz NOT NULL, created_by text NOT NULL,
    updated_at timestamptz NOT NULL, updated_by text NOT NULL,
    deleted_at timestamptz, deleted_by text,
    CONSTRAINT schedule_statuses_key UNIQUE (key)
);

CREATE TABLE read.change_categories (
    id       text COLLATE "C" PRIMARY KEY,
    key      text COLLATE "C" NOT NULL,
    name     text    NOT NULL,
    approval text    NOT NULL,
    system   boolean NOT NULL,
    version  bigint  NOT NULL,
    created_at timestamptz NOT NULL, created_by text NOT NULL,
    updated_at timestamptz NOT NULL, updated_by text NOT NULL,
    deleted_at timestamptz, deleted_by text,
    CONSTRAINT change_categories_key UNIQUE (key)
);

CREATE TABLE read.change_types (
    id      text COLLATE "C" PRIMARY KEY,
    key     text COLLATE "C" NOT NULL,
    name    text    NOT NULL,
    covers  json    NOT NULL,
    system  boolean NOT NULL,
    version bigint  NOT NULL,
    created_at timestamptz NOT NULL, created_by text NOT NULL,
    updated_at timestamptz NOT NULL, updated_by text NOT NULL,
    deleted_at timestamptz, deleted_by text,
    CONSTRAINT change_types_key UNIQUE (key)
);
