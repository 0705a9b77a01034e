package patchbay_test

import (
	"go/ast"
	"go/token"
	"os"
	"regexp"
	"strings"
	"testing"
)

func TestPackageComments(t *testing.T) {
	for _, p := range load(t) {
		has := false
		for _, f := range p.files {
			has = has || f.syntax.Doc != nil && strings.TrimSpace(f.syntax.Doc.Text()) != ""
		}
		if !has {
			t.Errorf("package %s has no package comment: say what it owns, what it does not own, and what may be called concurrently", p.dir)
		}
	}
}

// codeMapRow is a row of the code map that names a package.
var codeMapRow = regexp.MustCompile("(?m)^\\| `((?:internal|cmd)/[^`]+)` \\|")

func TestCodeMap(t *testing.T) {
	doc, err := os.ReadFile("docs/architecture.md")
	if err != nil {
		t.Fatal(err)
	}
	rows := map[string]bool{}
	for _, m := range codeMapRow.FindAllStringSubmatch(string(doc), -1) {
		rows[m[1]] = true
	}
	exists := map[string]bool{}
	for _, p := range load(t) {
		exists[p.dir] = true
		if within(p.dir, "internal") && !rows[p.dir] && !childOfRow(p.dir, rows) {
			t.Errorf("package %s is not in the code map: add its row to docs/architecture.md, one line on what it owns", p.dir)
		}
	}
	for dir := range rows {
		if !exists[dir] {
			t.Errorf("docs/architecture.md has a row for %s, which is not there: remove the row, or a reader looks for it in vain", dir)
		}
	}
}

func childOfRow(dir string, rows map[string]bool) bool {
	for row := range rows {
		if within(dir, row) {
			return true
		}
	}
	return false
}

func TestNoInit(t *testing.T) {
	for _, p := range load(t) {
		for _, f := range p.files {
			for _, decl := range f.syntax.Decls {
				if fn, ok := decl.(*ast.FuncDecl); ok && fn.Recv == nil && fn.Name.Name == "init" {
					t.Errorf("%s: func init acts before anybody could pass it anything; build it in internal/app", f.at(fn))
				}
			}
		}
	}
}

// TestNoMutableGlobals finds package-level variables that change: assigned outside
// their declaration, or of a kind that is made to change.
func TestNoMutableGlobals(t *testing.T) {
	const why = "state of a package is shared by all users and all tests; put it in a value that internal/app builds"
	for _, p := range load(t) {
		globals := map[string]bool{}
		for _, f := range p.files {
			if f.test {
				continue
			}
			for _, spec := range packageVars(f.syntax) {
				for i, name := range spec.Names {
					globals[name.Name] = name.Name != "_"
					if kind := mutableKind(f, spec, i); kind != "" {
						t.Errorf("%s: package variable %s is %s: %s", f.at(name), name.Name, kind, why)
					}
				}
			}
		}
		for _, f := range p.files {
			for _, id := range assigned(f) {
				if globals[id.Name] {
					t.Errorf("%s: package variable %s is changed here: %s", f.at(id), id.Name, why)
				}
			}
		}
	}
}

func packageVars(file *ast.File) []*ast.ValueSpec {
	var specs []*ast.ValueSpec
	for _, decl := range file.Decls {
		if d, ok := decl.(*ast.GenDecl); ok && d.Tok == token.VAR {
			for _, spec := range d.Specs {
				specs = append(specs, spec.(*ast.ValueSpec))
			}
		}
	}
	return specs
}

// mutableKind names the kind of a variable that only makes sense when it changes.
func mutableKind(f *sourceFile, spec *ast.ValueSpec, i int) string {
	if sel, ok := spec.Type.(*ast.SelectorExpr); ok {
		switch f.importOf(sel) {
		case "sync", "sync/atomic":
			return "of package " + f.importOf(sel)
		}
	}
	if index, ok := spec.Type.(*ast.IndexExpr); ok {
		if sel, ok := index.X.(*ast.SelectorExpr); ok && f.importOf(sel) == "sync/atomic" {
			return "of package sync/atomic"
		}
	}
	if _, ok := spec.Type.(*ast.ChanType); ok {
		return "a channel"
	}
	if i < len(spec.Values) {
		if call, ok := spec.Values[i].(*ast.CallExpr); ok {
			if fn, ok := call.Fun.(*ast.Ident); ok && (fn.Name == "make" || fn.Name == "new") {
				return "made by " + fn.Name
			}
		}
	}
	return ""
}

// assigned returns the names on the left of assignments that no enclosing function
// declares: those of the package.
func assigned(f *sourceFile) []*ast.Ident {
	var found []*ast.Ident
	ofPackage := map[any]bool{}
	for _, spec := range packageVars(f.syntax) {
		ofPackage[spec] = true
	}
	add := func(e ast.Expr) {
		id := root(e)
		// Without an object the name is of another file of the package, or an
		// import: the caller looks it up.
		if id != nil && (id.Obj == nil || ofPackage[id.Obj.Decl]) {
			found = append(found, id)
		}
	}
	ast.Inspect(f.syntax, func(n ast.Node) bool {
		switch s := n.(type) {
		case *ast.AssignStmt:
			if s.Tok != token.DEFINE {
				for _, e := range s.Lhs {
					add(e)
				}
			}
		case *ast.IncDecStmt:
			add(s.X)
		case *ast.CallExpr:
			if fn, ok := s.Fun.(*ast.Ident); ok && (fn.Name == "delete" || fn.Name == "clear") && len(s.Args) > 0 {
				add(s.Args[0])
			}
		}
		return true
	})
	return found
}

// root returns the variable that an expression changes a part of.
func root(e ast.Expr) *ast.Ident {
	for {
		switch x := e.(type) {
		case *ast.Ident:
			return x
		case *ast.SelectorExpr:
			e = x.X
		case *ast.IndexExpr:
			e = x.X
		case *ast.StarExpr:
			e = x.X
		case *ast.ParenExpr:
			e = x.X
		default:
			return nil
		}
	}
}
