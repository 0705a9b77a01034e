-- +goose Up
CREATE TABLE users (
    id                 TEXT    NOT NULL PRIMARY KEY,
    email              TEXT    NOT NULL,
    email_verified     BOOLEAN NOT NULL,
    name               TEXT    NOT NULL,
    username           TEXT    NOT NULL,
    role               TEXT    NOT NULL,
    provider           TEXT    NOT NULL,
    source             TEXT    NOT NULL,
    external_id        TEXT    NOT NULL,
    google_id          TEXT    NOT NULL,
    facebook_id        TEXT    NOT NULL,
    openid_id          TEXT    NOT NULL,
    saml_id            TEXT    NOT NULL,
    ldap_id            TEXT    NOT NULL,
    github_id          TEXT    NOT NULL,
    discord_id         TEXT    NOT NULL,
    apple_id           TEXT    NOT NULL,
    two_factor_enabled BOOLEAN NOT NULL,
    terms_accepted     BOOLEAN NOT NULL,
    terms_accepted_at  BIGINT  NOT NULL, -- 0: never
    disabled           BOOLEAN NOT NULL,
    password_hash      TEXT    NOT NULL, -- PHC string; empty: no password login
    search_text        TEXT    NOT NULL, -- e-mail, name, username in lower case
    created_at         BIGINT  NOT NULL,
    updated_at         BIGINT  NOT NULL
);
CREATE UNIQUE INDEX users_email_key ON users (email);
CREATE UNIQUE INDEX users_username_key ON users (username);
CREATE INDEX users_role_idx ON users (role);

-- Browser and shell logins. Revoking one is deleting its row.
CREATE TABLE logins (
    id           TEXT   NOT NULL PRIMARY KEY,
    user_id      TEXT   NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    token_hash   TEXT   NOT NULL, -- SHA-256, hexadecimal
    ip           TEXT   NOT NULL,
    user_agent   TEXT   NOT NULL,
    created_at   BIGINT NOT NULL,
    last_used_at BIGINT NOT NULL,
    expires_at   BIGINT NOT NULL
);
CREATE UNIQUE INDEX logins_token_hash_key ON logins (token_hash);
CREATE INDEX logins_user_id_idx ON logins (user_id);
CREATE INDEX logins_expires_at_idx ON logins (expires_at);

CREATE TABLE api_tokens (
    id           TEXT   NOT NULL PRIMARY KEY,
    user_id      TEXT   NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    token_hash   TEXT   NOT NULL, -- SHA-256, hexadecimal
    name         TEXT   NOT NULL,
    scopes       TEXT   NOT NULL, -- JSON array; empty text: all scopes
    issuer       TEXT   NOT NULL,
    audience     TEXT   NOT NULL,
    created_at   BIGINT NOT NULL,
    last_used_at BIGINT NOT NULL, -- 0: never
    expires_at   BIGINT NOT NULL  -- 0: never
);
CREATE UNIQUE INDEX api_tokens_token_hash_key ON api_tokens (token_hash);
CREATE INDEX api_tokens_user_id_idx ON api_tokens (user_id);

-- Values kept for one user at one server, sealed and bound to their row.
CREATE TABLE credentials (
    user_id    TEXT   NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    server_id  TEXT   NOT NULL,
    kind       TEXT   NOT NULL,
    name       TEXT   NOT NULL,
    sealed     TEXT   NOT NULL,
    key_id     TEXT   NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (user_id, server_id, kind, name)
);
CREATE INDEX credentials_server_id_idx ON credentials (server_id);
CREATE INDEX credentials_key_id_idx ON credentials (key_id);

-- Tries within a window, shared by all replicas.
CREATE TABLE login_attempts (
    key        TEXT   NOT NULL PRIMARY KEY,
    tries      BIGINT NOT NULL,
    window_end BIGINT NOT NULL -- then the count starts again
);
CREATE INDEX login_attempts_window_end_idx ON login_attempts (window_end);

-- Single values of the whole instance.
CREATE TABLE meta (
    key   TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
);
-- Goes up with every change that a snapshot of accounts must notice. Its row is also
-- the lock that changes of accounts take.
CREATE TABLE versions (
    topic   TEXT   NOT NULL PRIMARY KEY,
    version BIGINT NOT NULL
);
INSERT INTO versions (topic, version) VALUES ('accounts', 0);

-- +goose Down
DROP TABLE versions;
DROP TABLE meta;
DROP TABLE login_attempts;
DROP TABLE credentials;
DROP TABLE api_tokens;
DROP TABLE logins;
DROP TABLE users;
