package provider

import (
	"crypto/sha256"
	"encoding/hex"
	"sort"
	"strconv"
)

// MaxName is the length of a tool's name that every vendor takes.
const MaxName = 64

// Names maps tool keys to names that every vendor takes, [A-Za-z0-9_-]{1,64} and a letter
// or _ first, and back. A key that is such a name stays itself; another one keeps what
// can be kept of it and gets a part of its digest, so that the same key has the same name
// in every run. A Names does not change and may be shared.
type Names struct {
	wire map[string]string
	keys map[string]string
}

// NewNames maps keys. Whatever strangers call their tools, two keys never share a name.
func NewNames(keys []string) *Names {
	n := &Names{wire: make(map[string]string, len(keys)), keys: make(map[string]string, len(keys))}
	var odd []string
	for _, key := range keys {
		if natural(key) {
			n.wire[key], n.keys[key] = key, key
		} else {
			odd = append(odd, key)
		}
	}
	// In the order of the keys, so that a clash ends the same way every time.
	sort.Strings(odd)
	for _, key := range odd {
		if _, has := n.wire[key]; has {
			continue
		}
		for salt := 0; ; salt++ {
			name := encode(key, salt)
			if _, taken := n.keys[name]; !taken {
				n.wire[key], n.keys[name] = name, key
				break
			}
		}
	}
	return n
}

// Wire returns the name of a key; ok is false for a key that was not mapped.
func (n *Names) Wire(key string) (name string, ok bool) {
	name, ok = n.wire[key]
	return name, ok
}

// Key returns the key of a name; ok is false for a name that a model made up.
func (n *Names) Key(name string) (key string, ok bool) {
	key, ok = n.keys[name]
	return key, ok
}

func natural(key string) bool {
	if key == "" || len(key) > MaxName {
		return false
	}
	for i := 0; i < len(key); i++ {
		if !plain(key[i]) {
			return false
		}
	}
	return key[0] > '9' && key[0] != '-'
}

// plain reports whether c may stand in a name. Digits and - sort before the letters, so
// natural can tell them by their order.
func plain(c byte) bool {
	return c == '_' || c == '-' || c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z'
}

func encode(key string, salt int) string {
	const digest = 10
	seed := key
	if salt > 0 {
		seed += "\x00" + strconv.Itoa(salt)
	}
	sum := sha256.Sum256([]byte(seed))
	name := make([]byte, 0, MaxName)
	for i := 0; i < len(key) && len(name) < MaxName-digest-1; i++ {
		switch c := key[i]; {
		case len(name) == 0 && (c == '-' || c >= '0' && c <= '9'):
			name = append(name, '_', c)
		case plain(c):
			name = append(name, c)
		case len(name) == 0 || name[len(name)-1] != '_':
			name = append(name, '_')
		}
	}
	if len(name) == 0 {
		name = append(name, '_')
	}
	name = append(name, '_')
	return string(append(name, hex.EncodeToString(sum[:])[:digest]...))
}
