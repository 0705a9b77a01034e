package hostkit

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
)

// BinaryEnv names the folder of a program under test that is there already.
const BinaryEnv = "PATCHBAY_E2E_BIN"

// Program is the binary as people run it, built by the first test that wants it.
type Program struct {
	once sync.Once
	dir  string
	path string
	err  error
}

// Path returns where it is.
func (b *Program) Path(t testing.TB) string {
	t.Helper()
	b.once.Do(func() {
		if dir := os.Getenv(BinaryEnv); dir != "" {
			b.path, b.err = filepath.Abs(filepath.Join(dir, "patchbay"))
			return
		}
		if b.dir, b.err = os.MkdirTemp("", "patchbay-e2e-"); b.err != nil {
			return
		}
		b.path = filepath.Join(b.dir, "patchbay")
		build := exec.Command("go", "build", "-o", b.path, "patchbay/cmd/patchbay")
		build.Env = append(os.Environ(), "CGO_ENABLED=0")
		if out, err := build.CombinedOutput(); err != nil {
			b.err = fmt.Errorf("build: %w\n%s", err, out)
		}
	})
	if b.err != nil {
		t.Fatal(b.err)
	}
	return b.path
}

// Clean removes what Path built.
func (b *Program) Clean() {
	if b.dir != "" {
		_ = os.RemoveAll(b.dir) // a temporary folder
	}
}
