package app

import (
	"runtime/debug"
	"testing"
	"testing/fstest"
)

func files(pairs ...string) fstest.MapFS {
	all := fstest.MapFS{}
	for i := 0; i < len(pairs); i += 2 {
		all[pairs[i]] = &fstest.MapFile{Data: []byte(pairs[i+1])}
	}
	return all
}

func TestMemoryLimit(t *testing.T) {
	tests := []struct {
		name string
		root fstest.MapFS
		want int64
	}{
		{"another system", files(), 0},
		{"version 2, in a container", files("proc/self/cgroup", "0::/\n", "sys/fs/cgroup/memory.max", "1000000000\n"), 900000000},
		{"version 2, no limit", files("proc/self/cgroup", "0::/\n", "sys/fs/cgroup/memory.max", "max\n"), 0},
		{"version 2, the parent is tighter", files("proc/self/cgroup", "0::/a/b\n",
			"sys/fs/cgroup/a/b/memory.max", "4000\n", "sys/fs/cgroup/a/memory.max", "2000\n", "sys/fs/cgroup/memory.max", "max\n"), 1800},
		{"version 2, the path is the host's", files("proc/self/cgroup", "0::/../../kubepods/x\n", "sys/fs/cgroup/memory.max", "3000\n"), 2700},
		{"version 1", files("proc/self/cgroup", "4:cpu:/c\n3:memory:/m\n", "sys/fs/cgroup/memory/m/memory.limit_in_bytes", "5000\n",
			"sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n"), 4500},
		{"version 1, no limit", files("proc/self/cgroup", "3:memory:/\n", "sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n"), 0},
		{"both, memory by version 1", files("proc/self/cgroup", "3:memory:/m\n0::/u\n", "sys/fs/cgroup/memory/m/memory.limit_in_bytes", "5000\n"), 4500},
		{"nonsense", files("proc/self/cgroup", "what\n0::/\n", "sys/fs/cgroup/memory.max", "-1\n"), 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := memoryLimit(tt.root); got != tt.want {
				t.Errorf("%d, want %d", got, tt.want)
			}
		})
	}
}

func TestLimitMemory(t *testing.T) {
	before := debug.SetMemoryLimit(-1)
	t.Cleanup(func() { debug.SetMemoryLimit(before) })
	root := files("proc/self/cgroup", "0::/\n", "sys/fs/cgroup/memory.max", "8000000000\n")
	if got := limitMemory(root, []string{"GOMEMLIMIT=1GiB"}); got != 0 || debug.SetMemoryLimit(-1) != before {
		t.Errorf("%d was set over GOMEMLIMIT", got)
	}
	if got := limitMemory(root, []string{"GOMEMLIMIT=", "HOME=/"}); got != 7200000000 || debug.SetMemoryLimit(-1) != got {
		t.Errorf("limit %d, in force %d", got, debug.SetMemoryLimit(-1))
	}
}
