package farend_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
)

// program is the binary as people run it, built by the first test that wants it.
// PATCHBAY_E2E_BIN names a folder that has it already.
var program builtProgram

type builtProgram struct {
	once sync.Once
	dir  string
	path string
	err  error
}

func (b *builtProgram) get(t *testing.T) string {
	t.Helper()
	b.once.Do(func() {
		if dir := os.Getenv("PATCHBAY_E2E_BIN"); dir != "" {
			b.path, b.err = filepath.Abs(filepath.Join(dir, "patchbay"))
			return
		}
		if b.dir, b.err = os.MkdirTemp("", "patchbay-farend-"); b.err != nil {
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

func (b *builtProgram) clean() {
	if b.dir != "" {
		_ = os.RemoveAll(b.dir) // a temporary folder
	}
}
