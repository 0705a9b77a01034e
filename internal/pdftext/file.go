package pdftext

import (
	"bytes"
	"compress/zlib"
	"io"
	"slices"
	"strconv"
)

// Bounds of what one file may ask for.
const (
	maxFuel     = 8_000_000 // values
	maxObjects  = 300_000
	maxInflated = 96 << 20 // bytes, of all streams
	maxStream   = 32 << 20 // bytes, of one
	maxPages    = 5000
)

// object is where an object begins: in the file, or in a stream of objects.
type object struct {
	data []byte
	pos  int
	done bool
	v    any
	from int // of its stream's bytes; 0: it has none
}

// file is a PDF whose objects have been found by looking for them: tables of them are
// wrong in too many files.
type file struct {
	data    []byte
	fuel    int
	room    int // bytes that may still be inflated
	objects map[ref]*object
	ends    []int // where streams end
}

func open(data []byte) *file {
	f := &file{data: data, fuel: maxFuel, room: maxInflated, objects: map[ref]*object{}}
	for i := 0; ; {
		j := bytes.Index(data[i:], []byte("endstream"))
		if j < 0 {
			break
		}
		f.ends = append(f.ends, i+j)
		i += j + len("endstream")
	}
	for i := 0; len(f.objects) < maxObjects; {
		j := bytes.Index(data[i:], []byte("obj"))
		if j < 0 {
			break
		}
		i += j + len("obj")
		if n, ok := numberBefore(data, i-len("obj")); ok {
			f.objects[n] = &object{data: data, pos: i}
		}
	}
	f.unpack()
	return f
}

// numberBefore reads "N G " backwards from an "obj".
func numberBefore(data []byte, end int) (n ref, ok bool) {
	i := end
	back := func(is func(byte) bool, most int) int {
		from := i
		for i > 0 && from-i < most && is(data[i-1]) {
			i--
		}
		return from - i
	}
	digit := func(c byte) bool { return c >= '0' && c <= '9' }
	back(isSpace, 4)
	if back(digit, 5) == 0 || back(isSpace, 4) == 0 {
		return 0, false
	}
	last := i
	if back(digit, 9) == 0 {
		return 0, false
	}
	v, err := strconv.Atoi(string(data[i:last]))
	return ref(v), err == nil
}

// unpack finds the objects that are in streams.
func (f *file) unpack() {
	for _, id := range f.ids() {
		d, _ := f.get(id).(dict)
		if d["Type"] != name("ObjStm") {
			continue
		}
		body := f.stream(id)
		first, count := f.number(d["First"]), f.number(d["N"])
		head := &lexer{data: body[:min(max(first, 0), len(body))], fuel: &f.fuel}
		for range min(count, maxObjects) {
			n, ok1 := head.next(0)
			at, ok2 := head.next(0)
			number, isNumber := n.(float64)
			offset, isOffset := at.(float64)
			if !ok1 || !ok2 || !isNumber || !isOffset || len(f.objects) >= maxObjects {
				break
			}
			pos := first + int(offset)
			if _, there := f.objects[ref(number)]; !there && pos >= 0 && pos < len(body) {
				f.objects[ref(number)] = &object{data: body, pos: pos}
			}
		}
	}
}

// ids are the numbers of all objects, in order: so that one file reads the same each time.
func (f *file) ids() []ref {
	ids := make([]ref, 0, len(f.objects))
	for id := range f.objects {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return ids
}

// get is an object's value; nil when there is none.
func (f *file) get(id ref) any {
	o := f.objects[id]
	if o == nil {
		return nil
	}
	if o.done {
		return o.v
	}
	o.done = true // before: an object may lead to itself
	l := &lexer{data: o.data, pos: o.pos, fuel: &f.fuel}
	o.v, _ = l.next(0)
	if _, isDict := o.v.(dict); !isDict {
		return o.v
	}
	l.skip()
	if rest := l.data[l.pos:]; bytes.HasPrefix(rest, []byte("stream")) {
		from := l.pos + len("stream")
		if from < len(l.data) && l.data[from] == '\r' {
			from++
		}
		if from < len(l.data) && l.data[from] == '\n' {
			from++
		}
		o.from = from
	}
	return o.v
}

// resolve follows references.
func (f *file) resolve(v any) any {
	for range 20 {
		id, isRef := v.(ref)
		if !isRef {
			return v
		}
		v = f.get(id)
	}
	return nil
}

func (f *file) dict(v any) dict {
	d, _ := f.resolve(v).(dict)
	return d
}

func (f *file) number(v any) int {
	n, _ := f.resolve(v).(float64)
	if n != n || n > 1<<30 || n < -1<<30 {
		return 0
	}
	return int(n)
}

// stream is the bytes of a stream, inflated; nil when there are none that can be read.
func (f *file) stream(v any) []byte {
	id, isRef := v.(ref)
	if !isRef {
		return nil
	}
	d, _ := f.get(id).(dict)
	o := f.objects[id]
	if d == nil || o.from == 0 || o.from > len(o.data) {
		return nil
	}
	end := o.from + f.number(d["Length"])
	if end <= o.from || end > len(o.data) || !bytes.HasPrefix(bytes.TrimLeft(o.data[end:min(end+12, len(o.data))], "\r\n "), []byte("endstr")) {
		i, _ := slices.BinarySearch(f.ends, o.from)
		if i == len(f.ends) {
			return nil
		}
		end = f.ends[i]
	}
	body := o.data[o.from:end]
	switch filters := f.filters(d); {
	case len(filters) == 0:
		return body[:min(len(body), maxStream)]
	case len(filters) == 1 && (filters[0] == "FlateDecode" || filters[0] == "Fl") && f.dict(d["DecodeParms"])["Predictor"] == nil:
		return f.inflate(body)
	}
	return nil
}

func (f *file) filters(d dict) (names []name) {
	switch v := f.resolve(d["Filter"]).(type) {
	case name:
		return []name{v}
	case array:
		for _, e := range v {
			n, _ := f.resolve(e).(name)
			names = append(names, n)
		}
	}
	return names
}

// inflate returns as much as there is: the ends of streams are often damaged.
func (f *file) inflate(body []byte) []byte {
	r, err := zlib.NewReader(bytes.NewReader(body))
	if err != nil {
		return nil
	}
	defer r.Close()
	out, _ := io.ReadAll(io.LimitReader(r, int64(min(maxStream, f.room)))) // what came before an error counts
	f.room -= len(out)
	return out
}
