package config_test

import (
	"context"
	"io/fs"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"patchbay/internal/config"
)

// disk is a small file system in memory: what a watcher looks at, without waiting for
// the clock of a real one.
type disk struct {
	mu    sync.Mutex
	files map[string]file
}

type file struct {
	text string
	at   time.Time
}

func (d *disk) put(name, text string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.files[name] = file{text, time.Now()}
}

func (d *disk) remove(name string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.files, name)
}

func (d *disk) stat(name string) (fs.FileInfo, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	f, ok := d.files[name]
	if !ok {
		return nil, &fs.PathError{Op: "stat", Path: name, Err: fs.ErrNotExist}
	}
	return info{name, f}, nil
}

func (d *disk) read(name string) ([]byte, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	f, ok := d.files[name]
	if !ok {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	return []byte(f.text), nil
}

type info struct {
	name string
	file file
}

func (i info) Name() string       { return i.name }
func (i info) Size() int64        { return int64(len(i.file.text)) }
func (i info) Mode() fs.FileMode  { return 0o600 }
func (i info) ModTime() time.Time { return i.file.at }
func (i info) IsDir() bool        { return false }
func (i info) Sys() any           { return nil }

func TestWatcher(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &disk{files: map[string]file{}}
		o := config.LoadOptions{WorkDir: "/w", Home: "/h", Executable: "/bin/patchbay", Memory: 1 << 30, Stat: d.stat, ReadFile: d.read}
		loaded, err := config.Load(o)
		if err != nil || !loaded.Config.Default() {
			t.Fatal(loaded, err)
		}
		w, err := config.NewWatcher(o, loaded, 0)
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		updates := make(chan config.Update, 10)
		done := make(chan error)
		go func() { done <- w.Run(ctx, func(u config.Update) { updates <- u }) }()
		next := func(what string) config.Update {
			t.Helper()
			time.Sleep(4 * time.Second) // of the bubble's clock
			synctest.Wait()
			select {
			case u := <-updates:
				if len(updates) > 0 {
					t.Fatalf("%s: more than one update", what)
				}
				return u
			default:
				t.Fatalf("%s: no update", what)
				return config.Update{}
			}
		}
		quiet := func(what string) {
			t.Helper()
			time.Sleep(10 * time.Second)
			synctest.Wait()
			if len(updates) > 0 {
				t.Fatalf("%s: an update", what)
			}
		}
		quiet("nothing changed")

		d.put("/h/LibreChat/librechat.yaml", "mcpServers:\n  smithery: {command: npx}\n")
		if u := next("Smithery's file appears"); u.Err != nil || u.Loaded.Config.Servers[0].Name != "smithery" {
			t.Fatalf("%+v", u)
		}
		quiet("after it was taken")

		d.put("/w/librechat.yaml", "mcpServers:\n  one: {type: http, url: 'https://h.example/', headers: {A: '${A}'}}\n")
		u := next("a file that comes first appears")
		if u.Err != nil || u.Loaded.Location.Smithery != "/h/LibreChat/librechat.yaml" {
			t.Fatalf("%+v", u.Loaded.Location)
		}
		before := u.Loaded.Config.Servers[0].Hash

		d.put("/w/.env", "A=1\nPORT=4000\nUNKNOWN=x\n")
		u = next(".env appears")
		if diff := cmp.Diff([]string{"PORT"}, u.Restart); diff != "" || u.Loaded.Config.Servers[0].Hash == before {
			t.Fatalf("%s %+v", diff, u)
		}

		d.put("/w/librechat.yaml", "mcpServers:\n\tone: 1\n")
		if u = next("a broken file"); u.Err == nil || len(u.Loaded.Config.Servers) != 0 {
			t.Fatalf("%+v", u)
		}
		quiet("a broken file is said once")
		d.put("/w/librechat.yaml", "mcpServers:\n  two: {command: npx}\n")
		if u = next("mended"); u.Err != nil || u.Loaded.Config.Servers[0].Name != "two" || u.Restart != nil {
			t.Fatalf("%+v", u)
		}

		// A save in several steps is one change.
		time.Sleep(500 * time.Millisecond)
		for range 5 {
			d.put("/w/librechat.yaml", "mcpServers:\n")
			time.Sleep(800 * time.Millisecond)
		}
		if len(updates) > 0 {
			t.Fatal("taken while it was written")
		}
		d.put("/w/librechat.yaml", "mcpServers:\n  three: {command: npx}\n")
		if u = next("written"); u.Loaded.Config.Servers[0].Name != "three" {
			t.Fatalf("%+v", u)
		}
		// Editors swap files: away and back between two looks, and longer.
		d.remove("/w/librechat.yaml")
		d.remove("/h/LibreChat/librechat.yaml")
		if u = next("both files go away"); u.Err != nil || !u.Loaded.Config.Default() {
			t.Fatalf("%+v", u)
		}
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}

// A file that was named and goes away is an error; what runs is kept. It is taken again
// when it comes back.
func TestWatcherNamedFile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &disk{files: map[string]file{}}
		d.put("/c.yaml", one)
		o := config.LoadOptions{File: "/c.yaml", WorkDir: "/w", Executable: "/p", Memory: 1 << 30, Stat: d.stat, ReadFile: d.read}
		loaded, err := config.Load(o)
		if err != nil {
			t.Fatal(err)
		}
		w, err := config.NewWatcher(o, loaded, time.Second)
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		var errs []bool
		done := make(chan error)
		go func() { done <- w.Run(ctx, func(u config.Update) { errs = append(errs, u.Err != nil) }) }()
		d.remove("/c.yaml")
		time.Sleep(5 * time.Second)
		d.put("/c.yaml", one)
		time.Sleep(5 * time.Second)
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
		if diff := cmp.Diff([]bool{true, false}, errs); diff != "" {
			t.Error(diff)
		}
	})
}
