package store

import "patchbay"

// usageColumns is patchbay.Usage in columns, so that SQL can add.
type usageColumns struct {
	Input      int64 `bun:"input"`
	Output     int64 `bun:"output"`
	Reasoning  int64 `bun:"reasoning"`
	CacheRead  int64 `bun:"cache_read"`
	CacheWrite int64 `bun:"cache_write"`
}

func columnsOfUsage(u patchbay.Usage) usageColumns {
	return usageColumns{Input: u.Input, Output: u.Output, Reasoning: u.Reasoning, CacheRead: u.CacheRead, CacheWrite: u.CacheWrite}
}

func (c usageColumns) usage() patchbay.Usage {
	return patchbay.Usage{Input: c.Input, Output: c.Output, Reasoning: c.Reasoning, CacheRead: c.CacheRead, CacheWrite: c.CacheWrite}
}
