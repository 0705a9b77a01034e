// Package store keeps patchbay's rows on SQLite or PostgreSQL: one model, one query
// text and one migrations folder for both engines. It owns SQL, transactions, the
// migrations, the data folder's lock and the translation of engine errors into
// patchbay.Error codes. It does not own permissions (a caller asks acl first),
// sealing (credentials arrive sealed) or hashing (tokens and passwords arrive hashed).
//
// SQL stays inside the subset that both engines share: TEXT ids (UUIDv7), BIGINT
// unix-milli times, BOOLEAN, TEXT JSON that SQL never looks into, a search_text
// column lower-cased in Go, keysets on ids.
//
// A Store is safe for concurrent use. Exported methods open the transaction;
// unexported ones take it. What must survive a power cut (accounts, logins, tokens,
// credentials) is committed with a sync to disk; counters and times of last use are
// not.
package store
