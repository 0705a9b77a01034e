package app

import (
	"io/fs"
	"math"
	"path"
	"runtime/debug"
	"strconv"
	"strings"
)

// memoryShare is how much of the container's memory Go may use before it collects harder.
// The rest is for what Go does not count: the kernel's share, children of stdio servers.
const memoryShare = 0.9

// limitMemory sets Go's soft memory limit from the cgroup, unless the environment names
// one, and returns it; 0 when there is none. root is the file system.
func limitMemory(root fs.FS, environ []string) int64 {
	for _, e := range environ {
		if v, ok := strings.CutPrefix(e, "GOMEMLIMIT="); ok && v != "" {
			return 0 // Go has read it itself
		}
	}
	limit := memoryLimit(root)
	if limit > 0 {
		debug.SetMemoryLimit(limit)
	}
	return limit
}

// memoryLimit returns the share of the tightest limit on our cgroup and those above it;
// 0 when there is none. Version 2 of cgroups first, then version 1.
func memoryLimit(root fs.FS) int64 {
	own, err := fs.ReadFile(root, "proc/self/cgroup")
	if err != nil {
		return 0 // not Linux, or not told
	}
	least := int64(math.MaxInt64)
	for line := range strings.Lines(string(own)) {
		// hierarchy-ID:controllers:path, see cgroups(7)
		parts := strings.SplitN(strings.TrimSpace(line), ":", 3)
		if len(parts) != 3 {
			continue
		}
		mount, file := "sys/fs/cgroup", "memory.max"
		if parts[0] != "0" {
			mount, file = "sys/fs/cgroup/memory", "memory.limit_in_bytes"
			if !strings.Contains(","+parts[1]+",", ",memory,") {
				continue
			}
		}
		// In a container the mount may hold our cgroup at its root, and the path may be the
		// host's: then only the root of the mount is there to be read.
		for dir := path.Clean("/" + parts[2]); ; dir = path.Dir(dir) {
			if n, ok := readLimit(root, path.Join(mount, dir, file)); ok {
				least = min(least, n)
			}
			if dir == "/" {
				break
			}
		}
	}
	// Version 1 says "none" by a number near the largest there is.
	if least > math.MaxInt64/2 {
		return 0
	}
	return int64(float64(least) * memoryShare)
}

func readLimit(root fs.FS, name string) (int64, bool) {
	b, err := fs.ReadFile(root, name)
	if err != nil {
		return 0, false
	}
	n, err := strconv.ParseInt(strings.TrimSpace(string(b)), 10, 64)
	return n, err == nil && n > 0 // "max" is no limit
}
