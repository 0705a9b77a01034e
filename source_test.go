package patchbay_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"sort"
	"strings"
	"testing"
)

// modulePath is the module of go.mod.
const modulePath = "patchbay"

// sourcePackage is one folder of Go files. The repository's tests read syntax only, so
// that they say what is wrong even when the tree does not compile.
type sourcePackage struct {
	dir   string // "." or "internal/conn"
	files []*sourceFile
}

type sourceFile struct {
	path   string
	test   bool
	fset   *token.FileSet
	syntax *ast.File
	names  map[string]string // local name of an import -> its path
}

// load parses every Go file of the module. Each test parses anew: the tree is small,
// and shared state would let one test see what another did.
func load(t *testing.T) []*sourcePackage {
	t.Helper()
	byDir := map[string]*sourcePackage{}
	err := filepath.WalkDir(".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			if name != "." && skipFolder(name) {
				return filepath.SkipDir
			}
			return nil
		}
		if path.Ext(name) != ".go" {
			return nil
		}
		f, err := parseFile(filepath.ToSlash(name))
		if err != nil {
			return err
		}
		dir := path.Dir(f.path)
		if byDir[dir] == nil {
			byDir[dir] = &sourcePackage{dir: dir}
		}
		byDir[dir].files = append(byDir[dir].files, f)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	packages := make([]*sourcePackage, 0, len(byDir))
	for _, p := range byDir {
		packages = append(packages, p)
	}
	sort.Slice(packages, func(i, j int) bool { return packages[i].dir < packages[j].dir })
	return packages
}

// skipFolder reports whether a folder holds no Go of this module.
func skipFolder(name string) bool {
	switch base := filepath.Base(name); {
	case strings.HasPrefix(base, "."), strings.HasPrefix(base, "_"), base == "testdata", base == "node_modules":
		return true
	case name == "data", name == "bin", name == "out", name == "web":
		return true
	}
	_, err := os.Stat(filepath.Join(name, "go.mod"))
	return err == nil
}

func parseFile(name string) (*sourceFile, error) {
	f := &sourceFile{path: name, test: strings.HasSuffix(name, "_test.go"), fset: token.NewFileSet(), names: map[string]string{}}
	var err error
	f.syntax, err = parser.ParseFile(f.fset, name, nil, parser.ParseComments)
	if err != nil {
		return nil, err
	}
	for _, spec := range f.syntax.Imports {
		imported := unquote(spec.Path)
		local := path.Base(imported)
		if isMajorVersion(local) {
			local = path.Base(path.Dir(imported))
		}
		if spec.Name != nil {
			local = spec.Name.Name
		}
		f.names[local] = imported
	}
	return f, nil
}

func isMajorVersion(s string) bool {
	return len(s) > 1 && s[0] == 'v' && strings.Trim(s[1:], "0123456789") == ""
}

func (f *sourceFile) imports() []string {
	imports := make([]string, 0, len(f.syntax.Imports))
	for _, spec := range f.syntax.Imports {
		imports = append(imports, unquote(spec.Path))
	}
	return imports
}

// importOf returns the import path that a selector's left side names, or "".
func (f *sourceFile) importOf(sel *ast.SelectorExpr) string {
	id, ok := sel.X.(*ast.Ident)
	if !ok || id.Obj != nil { // a variable that shadows the import
		return ""
	}
	return f.names[id.Name]
}

func (f *sourceFile) at(n ast.Node) string {
	pos := f.fset.Position(n.Pos())
	return fmt.Sprintf("%s:%d:%d", f.path, pos.Line, pos.Column)
}

// exportedType is one part of what a package shows to others.
type exportedType struct {
	name string
	expr ast.Node
}

// exportedTypes returns the types in the exported signatures of a file: parameters
// and results of functions, fields, methods of interfaces, types of variables.
func exportedTypes(file *ast.File) []exportedType {
	var found []exportedType
	for _, decl := range file.Decls {
		switch d := decl.(type) {
		case *ast.FuncDecl:
			if d.Name.IsExported() && exportedReceiver(d) {
				found = append(found, exportedType{d.Name.Name, d.Type})
			}
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				found = append(found, exportedSpec(spec)...)
			}
		}
	}
	return found
}

func exportedReceiver(d *ast.FuncDecl) bool {
	if d.Recv == nil || len(d.Recv.List) == 0 {
		return true
	}
	e := d.Recv.List[0].Type
	for {
		switch x := e.(type) {
		case *ast.StarExpr:
			e = x.X
		case *ast.IndexExpr:
			e = x.X
		case *ast.Ident:
			return x.IsExported()
		default:
			return false
		}
	}
}

func exportedSpec(spec ast.Spec) []exportedType {
	var found []exportedType
	switch s := spec.(type) {
	case *ast.ValueSpec:
		for _, name := range s.Names {
			if name.IsExported() && s.Type != nil {
				found = append(found, exportedType{name.Name, s.Type})
			}
		}
	case *ast.TypeSpec:
		if !s.Name.IsExported() {
			return nil
		}
		fields := func(list *ast.FieldList) {
			for _, field := range list.List {
				if len(field.Names) == 0 {
					found = append(found, exportedType{s.Name.Name, field.Type})
				}
				for _, name := range field.Names {
					if name.IsExported() {
						found = append(found, exportedType{s.Name.Name + "." + name.Name, field.Type})
					}
				}
			}
		}
		switch t := s.Type.(type) {
		case *ast.StructType:
			fields(t.Fields)
		case *ast.InterfaceType:
			fields(t.Methods)
		default:
			found = append(found, exportedType{s.Name.Name, s.Type})
		}
	}
	return found
}
