-- +goose Up
-- What belongs to a conversation is deleted with it, and conversations with their user.
-- Ids of users in the tables below them are only there to be searched by.
CREATE TABLE conversations (
    id                TEXT    NOT NULL PRIMARY KEY,
    user_id           TEXT    NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    title             TEXT    NOT NULL, -- empty: none yet
    titled            BOOLEAN NOT NULL, -- by the person
    settings          TEXT    NOT NULL, -- JSON
    archived          BOOLEAN NOT NULL,
    head              TEXT    NOT NULL, -- entry that was shown last; empty: none
    run_id            TEXT    NOT NULL, -- the active one; empty: none
    usage_input       BIGINT  NOT NULL, -- of the runs that have ended
    usage_output      BIGINT  NOT NULL,
    usage_reasoning   BIGINT  NOT NULL,
    usage_cache_read  BIGINT  NOT NULL,
    usage_cache_write BIGINT  NOT NULL,
    created_at        BIGINT  NOT NULL,
    updated_at        BIGINT  NOT NULL,
    search_text       TEXT    NOT NULL  -- title in lower case
);
CREATE INDEX conversations_list_idx ON conversations (user_id, archived, updated_at, id);
CREATE INDEX conversations_active_idx ON conversations (user_id, updated_at, id) WHERE run_id <> '';

-- The nodes of a conversation's tree.
CREATE TABLE entries (
    id              TEXT   NOT NULL PRIMARY KEY,
    conversation_id TEXT   NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    user_id         TEXT   NOT NULL,
    parent_id       TEXT   NOT NULL, -- empty: a root
    role            TEXT   NOT NULL, -- user, model
    run_id          TEXT   NOT NULL, -- with model
    created_at      BIGINT NOT NULL,
    message         TEXT   NOT NULL, -- JSON, with user
    search_text     TEXT   NOT NULL  -- what was written, in lower case
);
CREATE INDEX entries_conversation_id_idx ON entries (conversation_id, id);

CREATE TABLE runs (
    id                TEXT    NOT NULL PRIMARY KEY,
    conversation_id   TEXT    NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    user_id           TEXT    NOT NULL,
    question_id       TEXT    NOT NULL,
    answer_id         TEXT    NOT NULL,
    agent_version     BIGINT  NOT NULL,
    status            TEXT    NOT NULL, -- running, waiting, done, failed, stopped, interrupted
    step              BIGINT  NOT NULL,
    seq               BIGINT  NOT NULL, -- of the last event
    messages          BIGINT  NOT NULL, -- how many there are
    usage_input       BIGINT  NOT NULL,
    usage_output      BIGINT  NOT NULL,
    usage_reasoning   BIGINT  NOT NULL,
    usage_cache_read  BIGINT  NOT NULL,
    usage_cache_write BIGINT  NOT NULL,
    stop              BOOLEAN NOT NULL, -- the person wants it to
    owner             TEXT    NOT NULL, -- PROCESS/ID; empty: nobody
    lease_until       BIGINT  NOT NULL,
    epoch             BIGINT  NOT NULL, -- goes up with every claim
    created_at        BIGINT  NOT NULL,
    updated_at        BIGINT  NOT NULL,
    ended_at          BIGINT  NOT NULL, -- 0: active
    settings          TEXT    NOT NULL, -- JSON
    ending            TEXT    NOT NULL, -- JSON; empty: active
    state             TEXT    NOT NULL, -- JSON; the loop's own
    partial           TEXT    NOT NULL  -- JSON; the message being written
);
CREATE UNIQUE INDEX runs_active_key ON runs (conversation_id) WHERE status IN ('running', 'waiting');
CREATE INDEX runs_conversation_id_idx ON runs (conversation_id, id);
CREATE INDEX runs_user_id_idx ON runs (user_id, id);
CREATE INDEX runs_claim_idx ON runs (owner, lease_until) WHERE status IN ('running', 'waiting');

-- What a run has added to the conversation, in order.
CREATE TABLE run_messages (
    run_id  TEXT   NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    idx     BIGINT NOT NULL,
    message TEXT   NOT NULL, -- JSON
    PRIMARY KEY (run_id, idx)
);

CREATE TABLE run_calls (
    run_id      TEXT    NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    id          TEXT    NOT NULL,
    step        BIGINT  NOT NULL,
    idx         BIGINT  NOT NULL,
    name        TEXT    NOT NULL,
    server_id   TEXT    NOT NULL,
    title       TEXT    NOT NULL,
    tool        TEXT    NOT NULL,
    state       TEXT    NOT NULL, -- queued, started, waiting, done, failed, unknown
    is_error    BOOLEAN NOT NULL,
    problem     TEXT    NOT NULL,
    reason      TEXT    NOT NULL,
    created_at  BIGINT  NOT NULL,
    started_at  BIGINT  NOT NULL, -- 0: never sent
    ended_at    BIGINT  NOT NULL,
    result_size BIGINT  NOT NULL, -- bytes
    args        TEXT    NOT NULL,
    result      TEXT    NOT NULL, -- JSON, whole; empty: none
    PRIMARY KEY (run_id, id)
);

CREATE TABLE run_waits (
    id              TEXT    NOT NULL PRIMARY KEY,
    run_id          TEXT    NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    conversation_id TEXT    NOT NULL,
    user_id         TEXT    NOT NULL,
    call_id         TEXT    NOT NULL, -- empty: the server asks
    kind            TEXT    NOT NULL, -- approval, question, signin
    server_id       TEXT    NOT NULL,
    server_name     TEXT    NOT NULL,
    tool            TEXT    NOT NULL,
    hash            TEXT    NOT NULL, -- of the tool's definition
    live            BOOLEAN NOT NULL, -- on a connection of the run's owner
    status          TEXT    NOT NULL, -- open, answered, refused, expired, void, interrupted
    fresh           BOOLEAN NOT NULL, -- ended, and the run has not taken it in yet
    created_at      BIGINT  NOT NULL,
    expires_at      BIGINT  NOT NULL, -- 0: never
    ended_at        BIGINT  NOT NULL, -- 0: open
    detail          TEXT    NOT NULL, -- JSON
    resume          TEXT    NOT NULL, -- sealed
    answer          TEXT    NOT NULL  -- JSON; empty: none
);
CREATE INDEX run_waits_run_id_idx ON run_waits (run_id, id);
CREATE INDEX run_waits_user_id_idx ON run_waits (user_id, id);
CREATE INDEX run_waits_server_id_idx ON run_waits (server_id) WHERE status = 'open';
CREATE INDEX run_waits_expires_at_idx ON run_waits (expires_at) WHERE status = 'open';
CREATE INDEX run_waits_fresh_idx ON run_waits (run_id) WHERE fresh;

-- Facts about a run. Only its owner writes them: seq has no gaps.
CREATE TABLE run_events (
    run_id TEXT   NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    seq    BIGINT NOT NULL,
    kind   TEXT   NOT NULL,
    at     BIGINT NOT NULL,
    data   TEXT   NOT NULL, -- JSON
    PRIMARY KEY (run_id, seq)
);

-- A person's remembered yes to a tool.
CREATE TABLE approvals (
    id              TEXT   NOT NULL PRIMARY KEY,
    user_id         TEXT   NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    server_id       TEXT   NOT NULL,
    server_name     TEXT   NOT NULL,
    tool            TEXT   NOT NULL,
    conversation_id TEXT   NOT NULL, -- empty: in all
    hash            TEXT   NOT NULL, -- of the tool's definition at the time
    created_at      BIGINT NOT NULL
);
CREATE UNIQUE INDEX approvals_key ON approvals (user_id, conversation_id, server_id, tool);

CREATE TABLE attachments (
    id              TEXT   NOT NULL PRIMARY KEY,
    user_id         TEXT   NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    conversation_id TEXT   NOT NULL, -- empty: no message has it
    name            TEXT   NOT NULL,
    mime_type       TEXT   NOT NULL,
    size            BIGINT NOT NULL,
    created_at      BIGINT NOT NULL,
    content_text    TEXT   NOT NULL  -- what could be read of a document
);
CREATE INDEX attachments_user_id_idx ON attachments (user_id, id);
CREATE INDEX attachments_conversation_id_idx ON attachments (conversation_id) WHERE conversation_id <> '';

-- The bytes of an attachment, in pieces that a statement can carry.
CREATE TABLE attachment_pieces (
    attachment_id TEXT   NOT NULL REFERENCES attachments (id) ON DELETE CASCADE,
    idx           BIGINT NOT NULL,
    data          TEXT   NOT NULL, -- base64
    PRIMARY KEY (attachment_id, idx)
);

CREATE TABLE agents (
    id           TEXT   NOT NULL PRIMARY KEY,
    owner_id     TEXT   NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    name         TEXT   NOT NULL,
    description  TEXT   NOT NULL,
    provider     TEXT   NOT NULL,
    model        TEXT   NOT NULL,
    icon         TEXT   NOT NULL,
    version      BIGINT NOT NULL, -- goes up with every change
    created_at   BIGINT NOT NULL,
    updated_at   BIGINT NOT NULL,
    instructions TEXT   NOT NULL,
    params       TEXT   NOT NULL, -- JSON
    tools        TEXT   NOT NULL, -- JSON
    starters     TEXT   NOT NULL, -- JSON
    search_text  TEXT   NOT NULL  -- name and description in lower case
);
CREATE INDEX agents_owner_id_idx ON agents (owner_id, id);

CREATE TABLE agent_versions (
    agent_id TEXT   NOT NULL REFERENCES agents (id) ON DELETE CASCADE,
    version  BIGINT NOT NULL,
    data     TEXT   NOT NULL, -- JSON; the whole agent
    PRIMARY KEY (agent_id, version)
);

-- Who may do what with a thing that a person made.
CREATE TABLE grants (
    kind         TEXT   NOT NULL, -- agent
    object_id    TEXT   NOT NULL,
    grantee_kind TEXT   NOT NULL, -- everyone, role, group, user
    grantee_name TEXT   NOT NULL,
    permissions  BIGINT NOT NULL, -- bits
    PRIMARY KEY (kind, object_id, grantee_kind, grantee_name)
);
CREATE INDEX grants_grantee_idx ON grants (grantee_kind, grantee_name, kind);

-- +goose Down
DROP TABLE grants;
DROP TABLE agent_versions;
DROP TABLE agents;
DROP TABLE attachment_pieces;
DROP TABLE attachments;
DROP TABLE approvals;
DROP TABLE run_events;
DROP TABLE run_waits;
DROP TABLE run_calls;
DROP TABLE run_messages;
DROP TABLE runs;
DROP TABLE entries;
DROP TABLE conversations;
