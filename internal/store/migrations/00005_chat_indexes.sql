-- +goose Up
-- What is polled and listed is few among much that has ended.
CREATE INDEX runs_user_active_idx ON runs (user_id, id) WHERE status IN ('running', 'waiting');
CREATE INDEX run_waits_user_open_idx ON run_waits (user_id, id) WHERE status = 'open';
CREATE INDEX run_waits_kind_open_idx ON run_waits (kind, id) WHERE status = 'open';

-- +goose Down
DROP INDEX run_waits_kind_open_idx;
DROP INDEX run_waits_user_open_idx;
DROP INDEX runs_user_active_idx;
