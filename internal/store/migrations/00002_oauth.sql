-- +goose Up
-- What a person's sign-in at a server brought: access and refresh token with all that
-- they are bound to, sealed. Sealed is empty when the sign-in is over and only a new
-- one helps: the row stays to say so.
CREATE TABLE oauth_tokens (
    user_id     TEXT   NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    server_id   TEXT   NOT NULL,
    issuer      TEXT   NOT NULL,
    resource    TEXT   NOT NULL,
    client_id   TEXT   NOT NULL,
    sealed      TEXT   NOT NULL,
    key_id      TEXT   NOT NULL,
    expires_at  BIGINT NOT NULL, -- of the access token; 0: not said
    version     BIGINT NOT NULL, -- goes up with every change of sealed
    lease_owner TEXT   NOT NULL, -- who refreshes now; empty: nobody
    lease_until BIGINT NOT NULL,
    updated_at  BIGINT NOT NULL,
    PRIMARY KEY (user_id, server_id)
);
CREATE INDEX oauth_tokens_server_id_idx ON oauth_tokens (server_id);
CREATE INDEX oauth_tokens_key_id_idx ON oauth_tokens (key_id);

-- Our client at an issuer, for the callback address of one server. It is nobody's own.
CREATE TABLE oauth_registrations (
    server_id    TEXT   NOT NULL,
    issuer       TEXT   NOT NULL,
    redirect_uri TEXT   NOT NULL,
    source       TEXT   NOT NULL,
    sealed       TEXT   NOT NULL,
    key_id       TEXT   NOT NULL,
    updated_at   BIGINT NOT NULL,
    PRIMARY KEY (server_id, issuer, redirect_uri, source)
);
CREATE INDEX oauth_registrations_key_id_idx ON oauth_registrations (key_id);

-- One row per sign-in that a person began.
CREATE TABLE oauth_flows (
    id           TEXT   NOT NULL PRIMARY KEY,
    user_id      TEXT   NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    server_id    TEXT   NOT NULL,
    state_hash   TEXT   NOT NULL, -- empty: the person was not sent away yet
    browser_hash TEXT   NOT NULL, -- of the binding cookie; empty: no browser yet
    sealed       TEXT   NOT NULL, -- empty: nothing to keep yet, or ended
    key_id       TEXT   NOT NULL,
    status       TEXT   NOT NULL, -- pending, finishing, done, failed, cancelled
    error        TEXT   NOT NULL, -- a sentence, with failed
    created_at   BIGINT NOT NULL,
    expires_at   BIGINT NOT NULL,
    updated_at   BIGINT NOT NULL
);
CREATE UNIQUE INDEX oauth_flows_state_hash_key ON oauth_flows (state_hash) WHERE state_hash <> '';
CREATE UNIQUE INDEX oauth_flows_active_key ON oauth_flows (user_id, server_id) WHERE status IN ('pending', 'finishing');
CREATE INDEX oauth_flows_server_id_idx ON oauth_flows (server_id);
CREATE INDEX oauth_flows_expires_at_idx ON oauth_flows (expires_at);

-- +goose Down
DROP TABLE oauth_flows;
DROP TABLE oauth_registrations;
DROP TABLE oauth_tokens;
