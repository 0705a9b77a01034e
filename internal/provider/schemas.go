package provider

import (
	"encoding/json"
	"sync"
)

// maxSchemas bounds the schemas that a Schemas remembers.
const maxSchemas = 8192

// Schemas remembers what schemas were lowered to: the same tools are offered turn after
// turn. It belongs to one client, whose rules it knows, and is safe for concurrent use.
type Schemas struct {
	rules SchemaRules
	mu    sync.Mutex
	known map[string]Lowered
}

// NewSchemas returns an empty memory for these rules.
func NewSchemas(rules SchemaRules) *Schemas {
	return &Schemas{rules: rules, known: map[string]Lowered{}}
}

// Lower is LowerSchema. The result is shared: nobody changes it.
func (s *Schemas) Lower(raw json.RawMessage) Lowered {
	s.mu.Lock()
	l, ok := s.known[string(raw)]
	s.mu.Unlock()
	if ok {
		return l
	}
	l = LowerSchema(raw, s.rules)
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.known) >= maxSchemas {
		clear(s.known) // rare: it fills again within a turn
	}
	s.known[string(raw)] = l
	return l
}
