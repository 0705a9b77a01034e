package api

import (
	"container/list"
	"slices"
)

// ring keeps the last messages, oldest first: at most size of them, and at most ringBytes.
type ring struct {
	size  int
	kept  []*message
	bytes int
	lost  uint64 // messages up to this number may be missing

	place *list.Element // among the hub's used
}

func newRing(size int, lost uint64) *ring { return &ring{size: size, lost: lost} }

func (r *ring) add(m *message) {
	r.kept = append(r.kept, m)
	r.bytes += len(m.frame)
	over := 0
	for over < len(r.kept) && (len(r.kept)-over > r.size || r.bytes > ringBytes) {
		r.lost = r.kept[over].n
		r.bytes -= len(r.kept[over].frame)
		over++
	}
	r.kept = slices.Delete(r.kept, 0, over)
}

// last returns the number of the newest message it has ever held.
func (r *ring) last() uint64 {
	if len(r.kept) == 0 {
		return r.lost
	}
	return r.kept[len(r.kept)-1].n
}

// after returns the messages with a greater number than n; ok is false when some of them
// are not here any more.
func (r *ring) after(n uint64) (found []*message, ok bool) {
	if n < r.lost {
		return nil, false
	}
	i, _ := slices.BinarySearchFunc(r.kept, n, func(m *message, n uint64) int {
		if m.n <= n {
			return -1
		}
		return 1
	})
	return slices.Clone(r.kept[i:]), true
}
