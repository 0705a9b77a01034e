package farend_test

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// proc is one process: its number and when it began, so that a number that was given
// out again is not taken for it.
type proc struct {
	pid   int
	start string
}

// stat reads what the kernel says of a process; ok is false when it is gone or a zombie.
func stat(pid int) (p proc, parent int, ok bool) {
	raw, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "stat"))
	if err != nil {
		return proc{}, 0, false
	}
	// The second field is the program's name in brackets, with anything in it.
	_, rest, found := strings.Cut(string(raw[strings.LastIndexByte(string(raw), ')')+1:]), " ")
	fields := strings.Fields(rest)
	if !found || len(fields) < 20 || fields[0] == "Z" || fields[0] == "X" {
		return proc{}, 0, false
	}
	parent, err = strconv.Atoi(fields[1])
	return proc{pid, fields[19]}, parent, err == nil
}

// descendants are the processes below one, it left out.
func descendants(pid int) []proc {
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return nil
	}
	below := map[int][]proc{}
	for _, e := range entries {
		if n, err := strconv.Atoi(e.Name()); err == nil {
			if p, parent, ok := stat(n); ok {
				below[parent] = append(below[parent], p)
			}
		}
	}
	var all []proc
	for next := []int{pid}; len(next) > 0; next = next[1:] {
		for _, p := range below[next[0]] {
			all = append(all, p)
			next = append(next, p.pid)
		}
	}
	return all
}

// alive are those that still run.
func alive(all []proc) []proc {
	var left []proc
	for _, p := range all {
		if now, _, ok := stat(p.pid); ok && now == p {
			left = append(left, p)
		}
	}
	return left
}

// descriptors is how many files a process has open, those in a folder left out: the
// database opens as many of its own as are used at a time, and keeps them.
func descriptors(t *testing.T, pid int, but string) int {
	t.Helper()
	dir := filepath.Join("/proc", strconv.Itoa(pid), "fd")
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, e := range entries {
		if target, err := os.Readlink(filepath.Join(dir, e.Name())); err == nil && !strings.HasPrefix(target, but) {
			n++
		}
	}
	return n
}
