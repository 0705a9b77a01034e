package pdftext

import (
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// font turns the bytes of a string into characters.
type font struct {
	wide  bool // two bytes each
	known bool
	to    map[int]string
}

// maxCodes bounds the characters of one font.
const maxCodes = 1 << 16

// glyphs are characters by name, where the name is not itself the character.
var glyphs = map[string]string{
	"space": " ", "hyphen": "-", "period": ".", "comma": ",", "colon": ":", "semicolon": ";", "slash": "/", "parenleft": "(", "parenright": ")",
	"quoteright": "’", "quoteleft": "‘", "quotedblleft": "“", "quotedblright": "”", "quotesingle": "'", "quotedbl": `"`, "endash": "–", "emdash": "—",
	"bullet": "•", "ellipsis": "…", "fi": "fi", "fl": "fl", "ff": "ff", "ffi": "ffi", "ffl": "ffl", "question": "?", "exclam": "!", "at": "@",
	"zero": "0", "one": "1", "two": "2", "three": "3", "four": "4", "five": "5", "six": "6", "seven": "7", "eight": "8", "nine": "9",
	"plus": "+", "minus": "−", "equal": "=", "underscore": "_", "percent": "%", "ampersand": "&", "numbersign": "#", "dollar": "$", "asterisk": "*",
	"bracketleft": "[", "bracketright": "]", "braceleft": "{", "braceright": "}", "less": "<", "greater": ">", "bar": "|", "backslash": `\`,
	"adieresis": "ä", "odieresis": "ö", "udieresis": "ü", "Adieresis": "Ä", "Odieresis": "Ö", "Udieresis": "Ü", "germandbls": "ß", "eacute": "é", "egrave": "è", "agrave": "à", "ccedilla": "ç",
}

// windows is what the bytes from 0x80 to 0x9f mean in text of Windows.
const windows = "€\uFFFD‚ƒ„…†‡ˆ‰Š‹Œ\uFFFDŽ\uFFFD\uFFFD‘’“”•–—˜™š›œ\uFFFDžŸ"

var windowsRunes = []rune(windows)

// fontOf reads a font's encoding.
func (f *file) fontOf(v any) *font {
	d := f.dict(v)
	out := &font{wide: d["Subtype"] == name("Type0"), to: map[int]string{}}
	if cmap := f.stream(d["ToUnicode"]); cmap != nil {
		out.known = true
		f.cmap(cmap, out.to)
	}
	if out.wide {
		return out
	}
	if !out.known {
		out.known = true
		at := 0
		differences, _ := f.resolve(f.dict(d["Encoding"])["Differences"]).(array)
		for _, e := range differences {
			switch e := f.resolve(e).(type) {
			case float64:
				at = int(e)
			case name:
				out.to[at&0xff] = glyph(string(e))
				at++
			}
		}
	}
	return out
}

// glyph is the character that a name stands for.
func glyph(n string) string {
	if s, ok := glyphs[n]; ok {
		return s
	}
	if utf8.RuneCountInString(n) == 1 {
		return n
	}
	if hex, ok := strings.CutPrefix(n, "uni"); ok && len(hex) >= 4 {
		if r, err := strconv.ParseUint(hex[:4], 16, 16); err == nil {
			return string(rune(r))
		}
	}
	return ""
}

// cmap reads a table from codes to characters (Adobe technical note 5411).
func (f *file) cmap(data []byte, to map[int]string) {
	l := &lexer{data: data, fuel: &f.fuel}
	var args []any
	for len(to) < maxCodes {
		v, ok := l.next(0)
		if !ok {
			return
		}
		w, isWord := v.(word)
		if !isWord {
			args = append(args, v)
			continue
		}
		switch w {
		case "endbfchar":
			for i := 0; i+1 < len(args); i += 2 {
				to[codeOf(args[i])] = utf16Text(args[i+1])
			}
		case "endbfrange":
			for i := 0; i+2 < len(args); i += 3 {
				bfRange(to, args[i], args[i+1], args[i+2])
			}
		}
		args = args[:0]
	}
}

func bfRange(to map[int]string, first, last, value any) {
	from, until := codeOf(first), codeOf(last)
	if from < 0 || until-from >= maxCodes {
		return
	}
	if list, ok := value.(array); ok {
		for i := 0; i < len(list) && from+i <= until && len(to) < maxCodes; i++ {
			to[from+i] = utf16Text(list[i])
		}
		return
	}
	base, ok := value.(text)
	if !ok || len(base) == 0 {
		return
	}
	for i := 0; from+i <= until && len(to) < maxCodes; i++ {
		b := append(text(nil), base...)
		n := int(b[len(b)-1]) + i
		b[len(b)-1] = byte(n)
		if len(b) > 1 {
			b[len(b)-2] += byte(n >> 8)
		}
		to[from+i] = utf16Text(b)
	}
}

func codeOf(v any) int {
	b, _ := v.(text)
	n := 0
	for _, c := range b[:min(len(b), 4)] {
		n = n<<8 | int(c)
	}
	return n
}

func utf16Text(v any) string {
	b, _ := v.(text)
	if len(b) > 64 {
		b = b[:64]
	}
	units := make([]uint16, 0, len(b)/2)
	for i := 0; i+1 < len(b); i += 2 {
		units = append(units, uint16(b[i])<<8|uint16(b[i+1]))
	}
	return string(utf16.Decode(units))
}

// decode is a string in characters; those that nothing is known of are left out.
func (o *font) decode(b text, to *strings.Builder) {
	if o.wide {
		for i := 0; i+1 < len(b); i += 2 {
			to.WriteString(o.to[int(b[i])<<8|int(b[i+1])])
		}
		return
	}
	for _, c := range b {
		switch s, ok := o.to[int(c)]; {
		case ok:
			to.WriteString(s)
		case c >= 0x80 && c < 0xa0:
			to.WriteRune(windowsRunes[c-0x80])
		case c >= 0x20:
			to.WriteRune(rune(c))
		}
	}
}
