-- +goose Up
-- Servers that people made. The definition is sealed as a whole: it may hold secrets.
CREATE TABLE servers (
    id         TEXT   NOT NULL PRIMARY KEY,
    name       TEXT   NOT NULL,
    author_id  TEXT   NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    sealed     TEXT   NOT NULL,
    key_id     TEXT   NOT NULL,
    version    BIGINT NOT NULL, -- goes up with every change of sealed
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX servers_name_key ON servers (name);
CREATE INDEX servers_author_id_idx ON servers (author_id);
CREATE INDEX servers_key_id_idx ON servers (key_id);

-- Who may do what with them.
CREATE TABLE server_grants (
    server_id   TEXT   NOT NULL REFERENCES servers (id) ON DELETE CASCADE,
    kind        TEXT   NOT NULL, -- everyone, role, group, user
    name        TEXT   NOT NULL, -- of the role; ids of groups and users; empty for everyone
    permissions BIGINT NOT NULL, -- bits
    PRIMARY KEY (server_id, kind, name)
);

CREATE TABLE user_groups (
    id          TEXT   NOT NULL PRIMARY KEY,
    name        TEXT   NOT NULL,
    source      TEXT   NOT NULL, -- local
    external_id TEXT   NOT NULL,
    created_at  BIGINT NOT NULL
);
CREATE UNIQUE INDEX user_groups_name_key ON user_groups (name);

CREATE TABLE user_group_members (
    group_id TEXT NOT NULL REFERENCES user_groups (id) ON DELETE CASCADE,
    user_id  TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    source   TEXT NOT NULL,
    PRIMARY KEY (group_id, user_id)
);
CREATE INDEX user_group_members_user_id_idx ON user_group_members (user_id);

INSERT INTO versions (topic, version) VALUES ('servers', 0);

-- +goose Down
DELETE FROM versions WHERE topic = 'servers';
DROP TABLE user_group_members;
DROP TABLE user_groups;
DROP TABLE server_grants;
DROP TABLE servers;
