package provider

import "patchbay"

// Parts numbers the parts of a message that a decoder builds, and yields their deltas.
type Parts struct {
	Yield func(patchbay.Delta)
	kinds []patchbay.PartKind
}

// Begin opens the next part.
func (p *Parts) Begin(kind patchbay.PartKind) int {
	n := len(p.kinds)
	p.kinds = append(p.kinds, kind)
	p.Yield(patchbay.Delta{Part: n, Kind: kind})
	return n
}

// Text appends to the last part if it is of this kind, else to a new one.
func (p *Parts) Text(kind patchbay.PartKind, text string) int {
	n := len(p.kinds) - 1
	if n < 0 || p.kinds[n] != kind {
		n = len(p.kinds)
		p.kinds = append(p.kinds, kind)
		p.Yield(patchbay.Delta{Part: n, Kind: kind, Text: text})
		return n
	}
	p.Yield(patchbay.Delta{Part: n, Text: text})
	return n
}

// Has reports whether the message has a part of this kind.
func (p *Parts) Has(kind patchbay.PartKind) bool {
	for _, k := range p.kinds {
		if k == kind {
			return true
		}
	}
	return false
}
