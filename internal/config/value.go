package config

import (
	"math"
	"strconv"
	"strings"
)

// The bounds of a file and of a definition. A real file is far below each.
const (
	maxFile    = 1 << 20
	maxDepth   = 64
	maxTokens  = 250_000
	maxEntries = 20_000 // keys of maps: the parser is quadratic in the keys of one
	maxNodes   = 100_000
)

// valueKind is the shape of a value.
type valueKind uint8

const (
	isNull valueKind = iota
	isBool
	isNumber
	isString
	isList
	isMap
)

func (k valueKind) String() string {
	return [...]string{"nothing", "true or false", "a number", "a text", "a list", "a map"}[k]
}

// value is a YAML or JSON value with its place. Aliases and merge keys are resolved.
type value struct {
	kind      valueKind
	line, col int
	text      string // of a scalar, as written (unquoted)
	items     []*value
	pairs     []pair
}

type pair struct {
	key       string
	line, col int
	value     *value
}

func (v *value) get(key string) *value {
	if v == nil {
		return nil
	}
	for _, p := range v.pairs {
		if p.key == key {
			return p.value
		}
	}
	return nil
}

// scalar reports whether v can be read as text: "8080" and 8080 are the same argument.
func (v *value) scalar() bool { return v.kind == isBool || v.kind == isNumber || v.kind == isString }

func (v *value) bool() bool { return strings.EqualFold(v.text, "true") }

// integer reads a whole number, or products and sums of whole numbers such as
// `10 * 60 * 1000`, which LibreChat's files use. ok is false for anything else, and
// when the result does not fit.
func (v *value) integer() (n int64, ok bool) {
	if v.kind != isNumber && v.kind != isString {
		return 0, false
	}
	return Arithmetic(v.text)
}

// float reads a number.
func (v *value) float() (float64, bool) {
	if v.kind != isNumber && v.kind != isString {
		return 0, false
	}
	f, err := strconv.ParseFloat(strings.TrimSpace(v.text), 64)
	return f, err == nil && !math.IsNaN(f) && !math.IsInf(f, 0)
}

// Arithmetic reads a whole number, or products, sums and differences of whole numbers:
// `10 * 60 * 1000`. ok is false for anything else, and when it does not fit.
func Arithmetic(text string) (n int64, ok bool) {
	text = strings.TrimSpace(text)
	if text == "" || len(text) > 128 {
		return 0, false
	}
	if n, err := strconv.ParseInt(strings.ReplaceAll(text, "_", ""), 10, 64); err == nil {
		return n, true
	}
	var sum int64
	sign := int64(1)
	for text != "" {
		i := strings.IndexAny(text, "+-")
		term, rest, next := text, "", int64(1)
		if i >= 0 {
			term, rest = text[:i], text[i+1:]
			if text[i] == '-' {
				next = -1
			}
			if strings.TrimSpace(rest) == "" {
				return 0, false
			}
		}
		product, ok := product(term)
		if !ok {
			return 0, false
		}
		sum += sign * product
		sign, text = next, rest
		if sum > 1<<53 || sum < -(1<<53) {
			return 0, false
		}
	}
	return sum, true
}

func product(term string) (int64, bool) {
	n := int64(1)
	for factor := range strings.SplitSeq(term, "*") {
		f, err := strconv.ParseInt(strings.TrimSpace(factor), 10, 64)
		if err != nil || f < 0 || f > 1<<53 || f != 0 && n > (1<<53)/f {
			return 0, false
		}
		n *= f
	}
	return n, true
}
