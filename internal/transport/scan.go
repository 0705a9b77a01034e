package transport

import (
	"bytes"
	"encoding/json"
	"strconv"
)

// maxDepth bounds the nesting of a message.
const maxDepth = 256

// envelope is what one scan finds of a JSON-RPC message. Each part is the member's raw
// value within the message, nil when it is absent.
type envelope struct {
	version, id, method, params, result, err []byte
}

// laneBase is where the ids of the lane start. The SDK counts from one, so the two
// never meet, and a double still holds these exactly.
const laneBase = 1 << 40

// laneID returns the id of an answer to a lane request.
func (e *envelope) laneID() (int64, bool) {
	if e.method != nil || len(e.id) < 13 || len(e.id) > 16 { // 2^40 has 13 digits
		return 0, false
	}
	id, err := strconv.ParseInt(string(e.id), 10, 64)
	return id, err == nil && id >= laneBase
}

// madeUp reports whether the message is a result of a request that nobody can have sent:
// all ids of ours are positive whole numbers. An error may well have no id.
func (e *envelope) madeUp() bool {
	if e.method != nil || e.result == nil {
		return false
	}
	id, err := strconv.ParseUint(string(e.id), 10, 63)
	return err != nil || id == 0
}

// isAnswer reports whether the message has the form of a response.
func (e *envelope) isAnswer() bool { return e.method == nil && (e.result != nil || e.err != nil) }

// is reports whether the message's method is name.
func (e *envelope) is(name string) bool {
	return len(e.method) == len(name)+2 && string(e.method[1:len(e.method)-1]) == name
}

// isMessage reports whether this can be a JSON-RPC 2.0 message at all.
func (e *envelope) isMessage() bool {
	return string(e.version) == `"2.0"` && (e.method != nil) != e.isAnswer()
}

// scanEnvelope finds the members of a JSON-RPC message in one pass. It looks at the
// structure only: what is inside a value may still not be JSON, so a value that leaves
// this package is checked by itself. Refused are repeated members, which two readers
// could read differently, and nesting over maxDepth. A member whose name is spelt with
// escapes is not recognised.
func scanEnvelope(data []byte) (envelope, error) {
	var e envelope
	err := members(data, func(name, value []byte) error {
		var to *[]byte
		switch string(name) {
		case "jsonrpc":
			to = &e.version
		case "id":
			to = &e.id
		case "method":
			to = &e.method
		case "params":
			to = &e.params
		case "result":
			to = &e.result
		case "error":
			to = &e.err
		default:
			return nil
		}
		if *to != nil {
			return protocolErrorf("a message has two members %q", name)
		}
		*to = value
		return nil
	})
	if err != nil {
		return envelope{}, err
	}
	if e.method != nil && (len(e.method) < 2 || e.method[0] != '"') {
		return envelope{}, protocolErrorf("a method is not a string")
	}
	if string(e.err) == "null" { // said by some servers beside a result
		e.err = nil
	}
	return e, nil
}

// scanResult reads the two members of a tool result that the host acts on.
func scanResult(raw []byte) (isError bool, resultType string, err error) {
	resultType = ResultComplete
	var seenError, seenType bool
	err = members(raw, func(name, value []byte) error {
		switch string(name) {
		case "isError":
			if seenError {
				return protocolErrorf("a result has two members %q", name)
			}
			seenError, isError = true, string(value) == "true"
		case "resultType":
			if seenType {
				return protocolErrorf("a result has two members %q", name)
			}
			seenType = true
			if string(value) != `"`+ResultComplete+`"` && string(value) != "null" {
				var err error
				resultType, err = typeOf(value)
				return err
			}
		}
		return nil
	})
	return isError, resultType, err
}

// typeOf reads a resultType that is not the usual one.
func typeOf(value []byte) (string, error) {
	var s string
	if json.Unmarshal(value, &s) != nil || s == "" {
		return "", protocolErrorf("a result's type is not a string")
	}
	return s, nil
}

// members calls f with the name, without quotes, and the raw value of each member of
// the object that data is. Names with escapes are passed over.
func members(data []byte, f func(name, value []byte) error) error {
	i := space(data, 0)
	if i >= len(data) || data[i] != '{' {
		return protocolErrorf("a message is not a JSON object")
	}
	i = space(data, i+1)
	if i < len(data) && data[i] == '}' {
		return atEnd(data, i+1)
	}
	for {
		if i >= len(data) || data[i] != '"' {
			return badJSON(i)
		}
		nameEnd := skipString(data, i)
		if nameEnd < 0 {
			return badJSON(i)
		}
		name := data[i+1 : nameEnd-1]
		i = space(data, nameEnd)
		if i >= len(data) || data[i] != ':' {
			return badJSON(i)
		}
		i = space(data, i+1)
		end, err := skipValue(data, i)
		if err != nil {
			return err
		}
		if bytes.IndexByte(name, '\\') < 0 {
			if err := f(name, data[i:end:end]); err != nil {
				return err
			}
		}
		i = space(data, end)
		if i >= len(data) {
			return badJSON(i)
		}
		switch data[i] {
		case ',':
			i = space(data, i+1)
		case '}':
			return atEnd(data, i+1)
		default:
			return badJSON(i)
		}
	}
}

// elements calls f with each raw element of the array that data is: a batch, which
// servers of 2025-03-26 may send.
func elements(data []byte, f func(value []byte) error) error {
	i := space(data, 0)
	if i >= len(data) || data[i] != '[' {
		return badJSON(i)
	}
	i = space(data, i+1)
	if i < len(data) && data[i] == ']' {
		return atEnd(data, i+1)
	}
	for {
		end, err := skipValue(data, i)
		if err != nil {
			return err
		}
		if err := f(data[i:end:end]); err != nil {
			return err
		}
		i = space(data, end)
		if i >= len(data) {
			return badJSON(i)
		}
		switch data[i] {
		case ',':
			i = space(data, i+1)
		case ']':
			return atEnd(data, i+1)
		default:
			return badJSON(i)
		}
	}
}

func badJSON(at int) error { return protocolErrorf("a message is not JSON (at byte %d)", at) }

func atEnd(data []byte, i int) error {
	if i = space(data, i); i != len(data) {
		return badJSON(i)
	}
	return nil
}

func space(data []byte, i int) int {
	for i < len(data) && (data[i] == ' ' || data[i] == '\n' || data[i] == '\t' || data[i] == '\r') {
		i++
	}
	return i
}

// skipString returns the index behind the string that starts at i, or -1.
func skipString(data []byte, i int) int {
	for j := i + 1; ; {
		k := bytes.IndexByte(data[j:], '"')
		if k < 0 {
			return -1
		}
		j += k
		b := j
		for b > i+1 && data[b-1] == '\\' {
			b--
		}
		if (j-b)%2 == 0 {
			return j + 1
		}
		j++
	}
}

// skipValue returns the index behind the value that starts at i.
func skipValue(data []byte, i int) (int, error) {
	if i >= len(data) {
		return 0, badJSON(i)
	}
	switch data[i] {
	case '"':
		if end := skipString(data, i); end > 0 {
			return end, nil
		}
		return 0, badJSON(i)
	case '{', '[':
		return skipNested(data, i)
	}
	j := i
	for j < len(data) && !isDelimiter(data[j]) {
		j++
	}
	if j == i {
		return 0, badJSON(i)
	}
	return j, nil
}

func isDelimiter(c byte) bool {
	switch c {
	case ',', '}', ']', '{', '[', ':', '"', ' ', '\n', '\t', '\r':
		return true
	}
	return false
}

// skipNested returns the index behind the object or array that starts at i.
func skipNested(data []byte, i int) (int, error) {
	var object [maxDepth / 64]uint64 // one bit per level: is it an object
	depth := 0
	for j := i; j < len(data); j++ {
		switch c := data[j]; c {
		case '"':
			end := skipString(data, j)
			if end < 0 {
				return 0, badJSON(j)
			}
			j = end - 1
		case '{', '[':
			if depth == maxDepth-1 { // the message itself is the first level
				return 0, protocolErrorf("a message is nested deeper than %d levels", maxDepth)
			}
			bit := uint64(1) << (depth % 64)
			if c == '{' {
				object[depth/64] |= bit
			} else {
				object[depth/64] &^= bit
			}
			depth++
		case '}', ']':
			depth--
			if (object[depth/64]>>(depth%64)&1 == 1) != (c == '}') {
				return 0, badJSON(j)
			}
			if depth == 0 {
				return j + 1, nil
			}
		}
	}
	return 0, badJSON(len(data))
}
