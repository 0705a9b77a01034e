package conn

import "patchbay"

// Key names one connection. Keys are made by AppKey, UserKey and RunKey only, so that
// none can name two users.
type Key struct {
	level  patchbay.Level
	user   patchbay.UserID
	run    string
	server patchbay.ServerID
}

// AppKey is the connection that all users share.
func AppKey(server patchbay.ServerID) Key {
	return Key{level: patchbay.LevelApp, server: server}
}

// UserKey is the connection of one user.
func UserKey(user patchbay.UserID, server patchbay.ServerID) Key {
	return Key{level: patchbay.LevelUser, user: user, server: server}
}

// RunKey is the connection of one run of one user, closed at the run's end.
func RunKey(user patchbay.UserID, run string, server patchbay.ServerID) Key {
	return Key{level: patchbay.LevelRun, user: user, run: run, server: server}
}

// Level returns who shares the connection.
func (k Key) Level() patchbay.Level { return k.level }

// User returns the owner, "" at app level.
func (k Key) User() patchbay.UserID { return k.user }

// Server returns the server's id.
func (k Key) Server() patchbay.ServerID { return k.server }

// KeyOf returns the key of the connection that a user has to a server; run is the run
// that wants it and counts at run level only. ok is false when the connection needs a
// user and there is none.
func KeyOf(s *patchbay.Server, user patchbay.UserID, run string) (k Key, ok bool) {
	switch s.Level {
	case patchbay.LevelApp:
		return AppKey(s.ID), true
	case patchbay.LevelRun:
		return RunKey(user, run, s.ID), user != ""
	}
	return UserKey(user, s.ID), user != ""
}
