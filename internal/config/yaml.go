package config

import (
	"bytes"
	"fmt"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// readYAML reads one YAML document into values. Nil without error is an empty file.
func readYAML(data []byte) (v *value, err *FileError) {
	if len(data) > maxFile {
		return nil, fileErrorf(0, 0, "is larger than 1 MiB; a configuration is not")
	}
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	if err := checkText(data); err != nil {
		return nil, err
	}
	// The parser is not ours and has panicked on strange input before; a file must not
	// end the process (security.md I7).
	defer func() {
		if r := recover(); r != nil {
			v, err = nil, fileErrorf(0, 0, "cannot be read as YAML")
		}
	}()
	tokens := lexer.Tokenize(string(data))
	if err := checkTokens(tokens); err != nil {
		return nil, err
	}
	file, perr := parser.Parse(tokens, 0, parser.AllowDuplicateMapKey())
	if perr != nil {
		return nil, syntaxError(perr)
	}
	var doc *ast.DocumentNode
	for _, d := range file.Docs {
		if d.Body == nil || d.Body.Type() == ast.NullType {
			continue
		}
		if doc != nil {
			p := d.Body.GetToken().Position
			return nil, fileErrorf(p.Line, p.Column, "a second document begins here; put everything into one")
		}
		doc = d
	}
	if doc == nil {
		return nil, nil
	}
	r := &yamlReader{anchors: map[string]ast.Node{}}
	return r.read(doc.Body, 0)
}

func fileErrorf(line, col int, format string, args ...any) *FileError {
	return &FileError{Line: line, Column: col, Message: fmt.Sprintf(format, args...)}
}

// yamlReader turns the tree of the parser into values, resolving aliases within a
// budget, so that a small file cannot become a large one.
type yamlReader struct {
	anchors map[string]ast.Node
	nodes   int
	open    []string        // anchors being read: an alias to one of them is a loop
	outer   *token.Position // the alias that is being followed, the outermost one
}

func (r *yamlReader) read(n ast.Node, depth int) (*value, *FileError) {
	if n == nil {
		return &value{}, nil
	}
	p := n.GetToken().Position
	r.nodes++
	if r.nodes > maxNodes {
		if r.outer != nil {
			p = r.outer
		}
		return nil, fileErrorf(p.Line, p.Column, "grows to more than %d values through its aliases", maxNodes)
	}
	if depth > maxDepth {
		return nil, fileErrorf(p.Line, p.Column, "is nested more than %d levels deep here", maxDepth)
	}
	scalar := func(k valueKind, text string) (*value, *FileError) {
		return &value{kind: k, line: p.Line, col: p.Column, text: text}, nil
	}
	switch n := n.(type) {
	case *ast.NullNode:
		return scalar(isNull, "")
	case *ast.BoolNode:
		return scalar(isBool, n.Token.Value)
	case *ast.IntegerNode:
		return scalar(isNumber, n.Token.Value)
	case *ast.FloatNode:
		return scalar(isNumber, n.Token.Value)
	case *ast.InfinityNode:
		return scalar(isString, n.Token.Value)
	case *ast.NanNode:
		return scalar(isString, n.Token.Value)
	case *ast.StringNode:
		return scalar(isString, n.Value)
	case *ast.LiteralNode:
		return scalar(isString, n.Value.Value)
	case *ast.TagNode:
		return r.tagged(n, depth)
	case *ast.AnchorNode:
		return r.anchor(n, depth)
	case *ast.AliasNode:
		return r.alias(n, depth)
	case *ast.SequenceNode:
		return r.list(n, depth)
	case *ast.MappingNode:
		return r.mapping(n.Values, p, depth)
	case *ast.MappingValueNode:
		return r.mapping([]*ast.MappingValueNode{n}, p, depth)
	}
	return nil, fileErrorf(p.Line, p.Column, "this is not understood here")
}

func (r *yamlReader) tagged(n *ast.TagNode, depth int) (*value, *FileError) {
	v, err := r.read(n.Value, depth+1)
	if err != nil {
		return nil, err
	}
	p := n.GetToken().Position
	switch n.Start.Value {
	case "!!str":
		if !v.scalar() && v.kind != isNull {
			return nil, fileErrorf(p.Line, p.Column, "!!str stands before %s", v.kind)
		}
		v.kind = isString
	case "!!int", "!!bool", "!!float", "!!null", "!!map", "!!seq":
	default:
		return nil, fileErrorf(p.Line, p.Column, "the tag %s is not known; remove it", n.Start.Value)
	}
	return v, nil
}

func nodeName(n ast.Node) string {
	if n == nil {
		return ""
	}
	return n.GetToken().Value
}

func (r *yamlReader) anchor(n *ast.AnchorNode, depth int) (*value, *FileError) {
	name := nodeName(n.Name)
	r.anchors[name] = n.Value
	r.open = append(r.open, name)
	v, err := r.read(n.Value, depth+1)
	r.open = r.open[:len(r.open)-1]
	return v, err
}

func (r *yamlReader) alias(n *ast.AliasNode, depth int) (*value, *FileError) {
	p := n.GetToken().Position
	name := nodeName(n.Value)
	target, ok := r.anchors[name]
	if !ok {
		return nil, fileErrorf(p.Line, p.Column, "no anchor &%s stands above", name)
	}
	for _, o := range r.open {
		if o == name {
			return nil, fileErrorf(p.Line, p.Column, "the alias *%s contains itself", name)
		}
	}
	r.open = append(r.open, name)
	if r.outer == nil {
		r.outer = p
		defer func() { r.outer = nil }()
	}
	v, err := r.read(target, depth+1)
	r.open = r.open[:len(r.open)-1]
	return v, err
}

func (r *yamlReader) list(n *ast.SequenceNode, depth int) (*value, *FileError) {
	p := n.GetToken().Position
	v := &value{kind: isList, line: p.Line, col: p.Column}
	for _, item := range n.Values {
		x, err := r.read(item, depth+1)
		if err != nil {
			return nil, err
		}
		if text, ok := adjacent(item, x); ok {
			x = &value{kind: isString, line: x.line, col: x.col, text: text}
		}
		v.items = append(v.items, x)
	}
	return v, nil
}

// adjacent undoes a reading of the parser: within braces it takes the item role:ADMIN of
// [role:ADMIN] for a map, though without a blank after the colon it is one text.
func adjacent(item ast.Node, x *value) (string, bool) {
	var pairNode *ast.MappingValueNode
	switch n := item.(type) {
	case *ast.MappingValueNode:
		pairNode = n
	case *ast.MappingNode:
		if len(n.Values) != 1 || n.GetToken().Type == token.MappingStartType {
			return "", false
		}
		pairNode = n.Values[0]
	default:
		return "", false
	}
	if len(x.pairs) != 1 || !x.pairs[0].value.scalar() {
		return "", false
	}
	colon, next := pairNode.Start.Position, x.pairs[0].value
	if colon.Line != next.line || colon.Column+1 != next.col {
		return "", false
	}
	return x.pairs[0].key + ":" + next.text, true
}

func (r *yamlReader) mapping(nodes []*ast.MappingValueNode, p *token.Position, depth int) (*value, *FileError) {
	v := &value{kind: isMap, line: p.Line, col: p.Column}
	if len(nodes) > 0 && p != nodes[0].GetToken().Position {
		v.line, v.col = p.Line, p.Column
	}
	seen := map[string]*token.Position{}
	var merged []pair
	for i, n := range nodes {
		key := n.Key.GetToken()
		kp := key.Position
		if i == 0 && v.line >= kp.Line {
			v.line, v.col = kp.Line, kp.Column // the parser puts a block map at its first colon
		}
		x, err := r.read(n.Value, depth+1)
		if err != nil {
			return nil, err
		}
		if x.line == 0 {
			x.line, x.col = kp.Line, kp.Column
		}
		if n.Key.IsMergeKey() {
			pairs, err := mergePairs(x)
			if err != nil {
				return nil, err
			}
			merged = append(merged, pairs...)
			continue
		}
		name, err := r.keyText(n.Key)
		if err != nil {
			return nil, err
		}
		if first, dup := seen[name]; dup {
			return nil, fileErrorf(kp.Line, kp.Column, "the key %q stands here a second time; the first is at %d:%d", name, first.Line, first.Column)
		}
		seen[name] = kp
		v.pairs = append(v.pairs, pair{key: name, line: kp.Line, col: kp.Column, value: x})
	}
	for _, m := range merged {
		if _, own := seen[m.key]; !own {
			seen[m.key] = &token.Position{}
			v.pairs = append(v.pairs, m)
		}
	}
	return v, nil
}

func (r *yamlReader) keyText(k ast.MapKeyNode) (string, *FileError) {
	var n ast.Node = k
	if q, ok := k.(*ast.MappingKeyNode); ok {
		n = q.Value
	}
	v, err := r.read(n, maxDepth)
	if err != nil {
		return "", err
	}
	if !v.scalar() && v.kind != isNull {
		return "", fileErrorf(v.line, v.col, "a key must be a text, not %s", v.kind)
	}
	return v.text, nil
}

// mergePairs returns the pairs that `<<` brings in: of a map, or of each map of a list.
func mergePairs(v *value) ([]pair, *FileError) {
	switch v.kind {
	case isMap:
		return v.pairs, nil
	case isList:
		var all []pair
		for _, m := range v.items {
			if m.kind != isMap {
				return nil, fileErrorf(m.line, m.col, "<< takes maps, not %s", m.kind)
			}
			all = append(all, m.pairs...)
		}
		return all, nil
	}
	return nil, fileErrorf(v.line, v.col, "<< takes a map, not %s", v.kind)
}
