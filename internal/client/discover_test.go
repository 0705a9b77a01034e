package client

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
)

func TestLocal(t *testing.T) {
	dir := t.TempDir()
	_, err := ReadLocal(dir)
	equal(t, true, errors.Is(err, ErrNotRunning))

	l := Local{Address: "http://127.0.0.1:3080", Token: "fake-operator-token", PID: 42}
	noError(t, WriteLocal(dir, l))
	got, err := ReadLocal(dir)
	noError(t, err)
	equal(t, l, got)
	contains(t, l.String(), l.Token, false)

	info, err := os.Stat(filepath.Join(dir, CLIFile))
	noError(t, err)
	equal(t, os.FileMode(0o600), info.Mode().Perm())

	noError(t, RemoveLocal(dir, "another-token"))
	_, err = ReadLocal(dir)
	noError(t, err) // another instance's file stays
	noError(t, RemoveLocal(dir, l.Token))
	_, err = ReadLocal(dir)
	equal(t, true, errors.Is(err, ErrNotRunning))
	entries, err := os.ReadDir(dir)
	noError(t, err)
	equal(t, 0, len(entries))
}

func TestLocalBroken(t *testing.T) {
	dir := t.TempDir()
	noError(t, os.WriteFile(filepath.Join(dir, CLIFile), []byte("{"), 0o600))
	_, err := ReadLocal(dir)
	contains(t, err.Error(), "start it again", true)
}
