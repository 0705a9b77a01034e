package storekit

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"

	"patchbay/internal/store"
)

// errAbsent says that no PostgreSQL server is installed.
var errAbsent = errors.New("no PostgreSQL server programs found (pg_config --bindir, /usr/lib/postgresql/*/bin); install the distribution's postgresql package")

// cluster is a PostgreSQL server that only this process can reach.
type cluster struct {
	bin  string
	dir  string // holds the socket too
	next *atomic.Int64
	held *os.File // open as long as this process uses the cluster; see leaveTo
}

// theCluster is started by the first test that needs it. Nothing stops it here: see
// (*cluster).leaveTo.
var theCluster = sync.OnceValues(startCluster)

// PostgresURL returns the URL of a fresh, migrated database. Without an installed
// server the test is skipped; with CI=true it fails.
func PostgresURL(tb testing.TB) string {
	tb.Helper()
	c, err := theCluster()
	if errors.Is(err, errAbsent) && os.Getenv("CI") != "true" {
		tb.Skipf("NOT TESTED ON POSTGRESQL: %v", err)
	}
	if err != nil {
		tb.Fatalf("PostgreSQL for tests: %v", err)
	}
	name := "t" + strconv.FormatInt(c.next.Add(1), 10)
	if err := c.run("psql", "-X", "-q", "-h", c.dir, "-U", superuser, "-d", "postgres", "-c",
		"CREATE DATABASE "+name+" TEMPLATE "+template); err != nil {
		tb.Fatalf("make a database: %v", err)
	}
	return c.url(name)
}

const (
	superuser = "postgres"
	template  = "migrated"
)

func (c *cluster) url(database string) string {
	return "postgres:///" + database + "?host=" + c.dir + "&user=" + superuser + "&sslmode=disable"
}

func startCluster() (_ *cluster, err error) {
	bin, err := binDir("pg_config", "/usr/lib/postgresql/*/bin")
	if err != nil {
		return nil, err
	}
	c := &cluster{bin: bin, next: new(atomic.Int64)}
	if c.dir, err = makeDir(); err != nil {
		return nil, err
	}
	if err := c.leaveTo(); err != nil {
		return nil, errors.Join(err, os.RemoveAll(c.dir))
	}
	data := filepath.Join(c.dir, "data")
	err = c.runAsServer("initdb", "-D", data, "-U", superuser, "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
	if err != nil {
		return nil, err
	}
	// Nothing here has to survive anything: no syncs, little memory, no network.
	settings := "-c listen_addresses= -c unix_socket_directories=" + c.dir +
		" -c fsync=off -c synchronous_commit=off -c full_page_writes=off -c shared_buffers=16MB -c max_connections=200" +
		" -c autovacuum=off"
	err = c.runAsServer("pg_ctl", "-D", data, "-w", "-t", "30", "-l", filepath.Join(c.dir, "server.log"), "-o", settings, "start")
	if err != nil {
		return nil, err
	}
	return c, c.makeTemplate()
}

// makeTemplate migrates the database that all others are copies of.
func (c *cluster) makeTemplate() error {
	if err := c.run("psql", "-X", "-q", "-h", c.dir, "-U", superuser, "-d", "postgres", "-c", "CREATE DATABASE "+template); err != nil {
		return err
	}
	s, err := store.Open(context.Background(), store.Options{DatabaseURL: c.url(template)})
	if err != nil {
		return err
	}
	return s.Close()
}

// leaveTo starts a shell that waits for the end of this process, however it ends,
// and then stops the server and removes its folder. It waits on a pipe whose writing
// end is in this process alone.
func (c *cluster) leaveTo() error {
	r, w, err := os.Pipe()
	if err != nil {
		return err
	}
	defer r.Close()
	const script = `cat >/dev/null; cd /; "$@" >/dev/null 2>&1; rm -rf "$0"`
	stop := c.asServer("pg_ctl", "-D", filepath.Join(c.dir, "data"), "-m", "immediate", "stop")
	cmd := exec.Command("sh", append([]string{"-c", script, c.dir}, stop...)...)
	cmd.Stdin = r
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true} // an interrupt is for the tests
	if err := cmd.Start(); err != nil {
		return errors.Join(err, w.Close())
	}
	c.held = w
	return nil
}

// binDir finds the server's programs: where pgConfig says, else the newest of pattern.
func binDir(pgConfig, pattern string) (string, error) {
	var dirs []string
	if out, err := exec.Command(pgConfig, "--bindir").Output(); err == nil {
		dirs = append(dirs, strings.TrimSpace(string(out)))
	}
	installed, err := filepath.Glob(pattern)
	if err != nil {
		return "", err
	}
	slices.Reverse(installed) // newer ones first
	for _, dir := range append(dirs, installed...) {
		if _, err := os.Stat(filepath.Join(dir, "initdb")); err == nil {
			return dir, nil
		}
	}
	return "", errAbsent
}

// makeDir makes a folder whose path is short enough for a socket and that the
// server's user can enter.
func makeDir() (string, error) {
	dir, err := os.MkdirTemp("/tmp", "pbpg")
	if err != nil {
		return "", err
	}
	if os.Geteuid() != 0 {
		return dir, nil
	}
	u, err := user.Lookup(superuser)
	if err != nil {
		return "", fmt.Errorf("%w: the server cannot run as root, and there is no user %s", errAbsent, superuser)
	}
	uid, err := strconv.Atoi(u.Uid)
	if err != nil {
		return "", err
	}
	gid, err := strconv.Atoi(u.Gid)
	if err != nil {
		return "", err
	}
	return dir, os.Chown(dir, uid, gid)
}

// asServer is the command line that runs a program as the server's user.
func (c *cluster) asServer(program string, args ...string) []string {
	line := append([]string{filepath.Join(c.bin, program)}, args...)
	if os.Geteuid() == 0 {
		line = append([]string{"runuser", "-u", superuser, "--"}, line...)
	}
	return line
}

func (c *cluster) runAsServer(program string, args ...string) error {
	return c.exec(c.asServer(program, args...))
}

func (c *cluster) run(program string, args ...string) error {
	return c.exec(append([]string{filepath.Join(c.bin, program)}, args...))
}

// exec runs a program that ends by itself. Its output goes to a file: the server that
// pg_ctl starts keeps what it inherits, and a pipe would never end.
func (c *cluster) exec(line []string) error {
	out, err := os.CreateTemp(c.dir, "out")
	if err != nil {
		return err
	}
	defer out.Close()
	cmd := exec.Command(line[0], line[1:]...)
	cmd.Dir = c.dir
	cmd.Stdout, cmd.Stderr = out, out
	if err := cmd.Run(); err != nil {
		said, _ := os.ReadFile(out.Name()) // only for the message
		return fmt.Errorf("%s: %w: %s", line[0], err, said)
	}
	return nil
}
