package registry

import (
	"reflect"

	"patchbay"
)

// diff compares two sets of definitions. It is pure.
func diff(before, after *snapshot) Diff {
	var d Diff
	for _, e := range after.sorted {
		old, ok := before.byID[e.server.ID]
		switch {
		case !ok:
			d.Added = append(d.Added, e.server)
		case !same(old.server, e.server):
			d.Changed = append(d.Changed, e.server)
			if old.server.Hash != e.server.Hash {
				d.Reconnect = append(d.Reconnect, e.server.ID)
			}
		}
	}
	for _, e := range before.sorted {
		if _, ok := after.byID[e.server.ID]; !ok {
			d.Removed = append(d.Removed, e.server)
			d.Reconnect = append(d.Reconnect, e.server.ID)
		}
	}
	return d
}

// same reports whether two definitions say the same. When they were read does not count.
func same(a, b *patchbay.Server) bool {
	x, y := *a, *b
	x.CreatedAt, x.UpdatedAt = y.CreatedAt, y.UpdatedAt
	if x.Problem != nil && y.Problem != nil {
		// A bad entry that only moved in the file is still the same bad entry.
		p := *x.Problem
		p.Line, p.Column = y.Problem.Line, y.Problem.Column
		x.Problem = &p
	}
	return reflect.DeepEqual(&x, &y)
}
