package client

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// CLIFile is the name of the file in the data folder by which the shell on the same
// machine finds a running instance.
const CLIFile = "cli.json"

// Local is the content of CLIFile: where the instance listens, and the token that makes
// its holder the operator.
type Local struct {
	Address string `json:"address"` // a base URL
	Token   string `json:"token"`
	PID     int    `json:"pid"`
}

// String hides the token.
func (l Local) String() string { return fmt.Sprintf("%s (process %d)", l.Address, l.PID) }

// ErrNotRunning says that no instance has left its address in a data folder.
var ErrNotRunning = errors.New("client: no instance runs on this data folder")

// ReadLocal reads CLIFile of a data folder; ErrNotRunning when there is none.
func ReadLocal(dataDir string) (Local, error) {
	name := filepath.Join(dataDir, CLIFile)
	data, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		return Local{}, ErrNotRunning
	}
	if err != nil {
		return Local{}, fmt.Errorf("client: read %s: %w", name, err)
	}
	var l Local
	if err := json.Unmarshal(data, &l); err != nil || l.Address == "" {
		return Local{}, fmt.Errorf("client: %s is not readable; stop the instance and start it again", name)
	}
	return l, nil
}

// WriteLocal writes CLIFile, readable by its owner only, in one step.
func WriteLocal(dataDir string, l Local) error {
	data, err := json.Marshal(l)
	if err != nil {
		return fmt.Errorf("client: encode %s: %w", CLIFile, err)
	}
	f, err := os.CreateTemp(dataDir, ".cli-*") // 0600
	if err != nil {
		return fmt.Errorf("client: write %s: %w", CLIFile, err)
	}
	defer os.Remove(f.Name()) // gone already when all went well
	if _, err = f.Write(data); err == nil {
		err = f.Sync()
	}
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err == nil {
		err = os.Rename(f.Name(), filepath.Join(dataDir, CLIFile))
	}
	if err != nil {
		return fmt.Errorf("client: write %s: %w", CLIFile, err)
	}
	return nil
}

// RemoveLocal removes CLIFile when it is that of the instance with this token.
func RemoveLocal(dataDir, token string) error {
	l, err := ReadLocal(dataDir)
	if err != nil || l.Token != token {
		return nil // another instance's, or gone: nothing of ours to remove
	}
	return os.Remove(filepath.Join(dataDir, CLIFile))
}
