package patchbay_test

import (
	"go/ast"
	"path"
	"strconv"
	"strings"
	"testing"
)

// floors is the house, from the ground up. A package imports only packages of lower
// floors; two packages of one floor meet in internal/app, through an interface that
// the one who uses it declares. A folder covers its children.
var floors = map[string]int{
	".": 0,

	"internal/expand":   1,
	"internal/seal":     1,
	"internal/netguard": 1,
	"internal/acl":      1,
	"internal/pdftext":  1,
	"internal/bus":      1,
	"internal/mcpconv":  1,
	"internal/httpkit":  1,
	"internal/mask":     1,

	"internal/config":    2,
	"internal/store":     2,
	"internal/transport": 2,
	"internal/oauth":     2,
	"internal/provider":  2,
	"internal/client":    2,
	"internal/demo":      2,

	"internal/vault":    3,
	"internal/registry": 3,
	"internal/auth":     3,
	"internal/conn":     3,
	"internal/agent":    3,

	"internal/flow":    4,
	"internal/doctor":  4,
	"internal/tools":   4,
	"internal/status":  4,
	"internal/roster":  4,
	"internal/servers": 4,

	"internal/chat": 5,

	"internal/api": 6,
	"internal/web": 6,

	"internal/app": 7,

	"cmd/patchbay": 8,
	"bench":        8,
	"e2e":          8,

	"internal/testkit": 3, // tests only: imports up to floor 2; see TestTestkitStaysInTests
}

const testkit = "internal/testkit"

func TestFloors(t *testing.T) {
	for _, p := range load(t) {
		floor, ok := floorOf(p.dir)
		if !ok {
			t.Errorf("package %s stands on no floor: add it to floors in arch_test.go, and to the code map in docs/architecture.md", p.dir)
			continue
		}
		for _, f := range p.files {
			for _, imported := range f.imports() {
				dir, ours := ourDir(imported)
				if !ours || within(dir, testkit) {
					continue
				}
				other, ok := floorOf(dir)
				switch {
				case !ok:
					t.Errorf("%s imports %s, which stands on no floor: add it to floors in arch_test.go", f.path, dir)
				case f.test && other > floor:
					t.Errorf("%s (floor %d) imports %s (floor %d): a test reaches up no further than what it tests, or the lower package cannot be changed without the upper", f.path, floor, dir, other)
				case !f.test && other >= floor && !within(dir, p.dir) && !within(p.dir, dir):
					t.Errorf("%s (floor %d) imports %s (floor %d): imports go down only, or features grow together until none can be changed alone; declare a small interface where you need it and let internal/app connect the two", f.path, floor, dir, other)
				}
			}
		}
	}
}

func TestTestkitStaysInTests(t *testing.T) {
	for _, p := range load(t) {
		if within(p.dir, testkit) || within(p.dir, "bench") {
			continue
		}
		for _, f := range p.files {
			for _, imported := range f.imports() {
				if dir, ours := ourDir(imported); ours && within(dir, testkit) && !f.test {
					t.Errorf("%s imports %s: testkit holds servers that misbehave on purpose and must not be linked into the product", f.path, dir)
				}
			}
		}
	}
}

// importRule says where a module may be imported from.
type importRule struct {
	imports []string // import path prefixes
	allowed []string // folders
	tests   bool     // tests may import it everywhere
	reason  string
}

var importRules = []importRule{
	{
		imports: []string{"github.com/modelcontextprotocol/go-sdk"},
		allowed: []string{"internal/transport", "internal/conn", "internal/mcpconv", "internal/demo", testkit, "bench"},
		tests:   true,
		reason:  "only the packages that speak MCP know the SDK, so that an era of the protocol or a version of the SDK changes them alone",
	},
	{
		imports: []string{"database/sql", "github.com/uptrace/bun", "github.com/pressly/goose", "github.com/jackc/pgx", "modernc.org/sqlite"},
		allowed: []string{"internal/store"},
		reason:  "SQL lives in internal/store, where one suite runs it on both engines; add an action there",
	},
	{
		imports: []string{"github.com/sashabaranov/go-openai"},
		allowed: []string{"internal/provider/openai"},
		reason:  "a vendor's SDK stays behind its provider, so that our own message types lose nothing to it",
	},
	{
		imports: []string{"github.com/anthropics/anthropic-sdk-go"},
		allowed: []string{"internal/provider/anthropic"},
		reason:  "a vendor's SDK stays behind its provider, so that our own message types lose nothing to it",
	},
	{
		imports: []string{"google.golang.org/genai"},
		allowed: []string{"internal/provider/google"},
		reason:  "a vendor's SDK stays behind its provider, so that our own message types lose nothing to it",
	},
	{
		imports: []string{"github.com/aws"},
		allowed: []string{"internal/provider/bedrock"},
		reason:  "a vendor's SDK stays behind its provider, so that our own message types lose nothing to it",
	},
	{
		imports: []string{"github.com/spf13/cobra", "github.com/spf13/pflag"},
		allowed: []string{"cmd/patchbay"},
		reason:  "flags are the shell's; everything below takes an options struct",
	},
	{
		imports: []string{"github.com/danielgtaylor/huma", "github.com/go-chi/chi"},
		allowed: []string{"internal/api", "internal/web", "internal/app"},
		reason:  "routing belongs to the doors; services do not know which door was used",
	},
	{
		imports: []string{"os/exec"},
		allowed: []string{"internal/transport", testkit, "bench"},
		tests:   true,
		reason:  "transport.Spawner is the one place that starts programs (docs/security.md); a second one would have none of its limits",
	},
	{
		imports: []string{"testing", "github.com/stretchr/testify", "github.com/google/go-cmp", "go.uber.org/goleak", "pgregory.net/rapid"},
		allowed: []string{testkit},
		tests:   true,
		reason:  "test libraries must not be linked into the product",
	},
}

func TestBannedImports(t *testing.T) {
	for _, p := range load(t) {
		for _, f := range p.files {
			for _, imported := range f.imports() {
				for _, rule := range importRules {
					if (f.test && rule.tests) || !withinAny(imported, rule.imports) || withinAny(p.dir, rule.allowed) {
						continue
					}
					t.Errorf("%s imports %s (allowed in: %s): %s", f.path, imported, orNone(rule.allowed), rule.reason)
				}
			}
		}
	}
}

// useRule says where a name of the standard library may be used outside tests.
type useRule struct {
	pkg     string
	names   []string
	allowed []string
	reason  string
}

var useRules = []useRule{
	{
		pkg: "os", names: []string{"Getenv", "LookupEnv", "Environ", "ExpandEnv"},
		allowed: []string{"internal/config", "cmd/patchbay", testkit, "bench", "e2e/conformance"},
		reason:  "the environment is read once, in internal/config, so that check, live change and the list of variables that are never expanded see all of it; take the value in your options",
	},
	{
		pkg: "context", names: []string{"Background", "TO" + "DO"},
		allowed: []string{"internal/app", "cmd/patchbay", testkit, "bench", "e2e/conformance"},
		reason:  "a context made here is cancelled by nobody: take ctx, or detach on purpose by context.WithoutCancel with a timeout",
	},
	{
		pkg: "net/http", names: []string{"DefaultClient", "DefaultTransport", "Get", "Post", "PostForm", "Head", "DefaultServeMux", "Handle", "HandleFunc"},
		allowed: []string{testkit, "bench"},
		reason:  "every byte that leaves goes through internal/netguard, and every route is in the table of internal/api",
	},
	{
		pkg: "net/http", names: []string{"ProxyFromEnvironment"},
		allowed: []string{"internal/client"},
		reason:  "a proxy resolves names by itself, past the guard: what leaves the host takes a proxy from its definition only; the shell's own client may use the environment's",
	},
	{
		pkg: "net", names: []string{"Dial", "DialTimeout", "DialTCP", "Dialer", "LookupHost", "LookupIP", "DefaultResolver"},
		allowed: []string{"internal/netguard", "internal/client", "cmd/patchbay", testkit, "bench"},
		reason:  "an address is judged where it is connected, in internal/netguard; a look-up elsewhere is a check that the connection does not use",
	},
	{
		pkg: "log/slog", names: []string{"Default", "SetDefault", "Debug", "Info", "Warn", "Error", "DebugContext", "InfoContext", "WarnContext", "ErrorContext"},
		reason: "the default logger is a global; take a *slog.Logger in your options",
	},
	{
		pkg: "log", names: []string{"Default", "Print", "Printf", "Println", "Fatal", "Fatalf", "Fatalln", "Panic", "Panicf", "SetOutput"},
		reason: "the standard logger is a global; take a *slog.Logger in your options",
	},
	{
		pkg: "flag", names: []string{"Parse", "String", "Bool", "Int", "Duration"},
		allowed: []string{"bench"},
		reason:  "the default flag set is a global; cmd/patchbay parses the command line",
	},
}

func TestBannedUses(t *testing.T) {
	for _, p := range load(t) {
		for _, f := range p.files {
			if f.test {
				continue
			}
			ast.Inspect(f.syntax, func(n ast.Node) bool {
				sel, ok := n.(*ast.SelectorExpr)
				if !ok {
					return true
				}
				imported := f.importOf(sel)
				for _, rule := range useRules {
					if imported == rule.pkg && contains(rule.names, sel.Sel.Name) && !withinAny(p.dir, rule.allowed) {
						t.Errorf("%s uses %s.%s (allowed in: %s): %s", f.at(n), rule.pkg, sel.Sel.Name, orNone(rule.allowed), rule.reason)
					}
				}
				return true
			})
		}
	}
}

// signatureRules lists the third-party types that may appear in exported
// signatures, and where. Everything else stays behind the package that uses it.
var signatureRules = map[string][]string{
	"github.com/modelcontextprotocol/go-sdk": {"internal/transport", "internal/conn", "internal/mcpconv", "internal/demo", testkit},
}

func TestExportedSignatures(t *testing.T) {
	for _, p := range load(t) {
		for _, f := range p.files {
			if f.test {
				continue
			}
			for _, e := range exportedTypes(f.syntax) {
				ast.Inspect(e.expr, func(n ast.Node) bool {
					sel, ok := n.(*ast.SelectorExpr)
					if !ok {
						return true
					}
					imported := f.importOf(sel)
					if !thirdParty(imported) {
						return true
					}
					for prefix, allowed := range signatureRules {
						if within(imported, prefix) && withinAny(p.dir, allowed) {
							return true
						}
					}
					t.Errorf("%s: exported %s shows %s.%s: an exported signature that holds another project's type makes all who call it depend on that project; use a type of ours", f.at(n), e.name, imported, sel.Sel.Name)
					return true
				})
			}
		}
	}
}

func floorOf(dir string) (int, bool) {
	for d := dir; ; d = path.Dir(d) {
		if floor, ok := floors[d]; ok && (d != "." || dir == ".") {
			return floor, true
		}
		if d == "." {
			return 0, false
		}
	}
}

// ourDir returns the folder of an import path of this module.
func ourDir(imported string) (string, bool) {
	if imported == modulePath {
		return ".", true
	}
	return strings.CutPrefix(imported, modulePath+"/")
}

func thirdParty(imported string) bool {
	first, _, _ := strings.Cut(imported, "/")
	return strings.Contains(first, ".")
}

func within(name, prefix string) bool {
	return name == prefix || strings.HasPrefix(name, prefix+"/")
}

func withinAny(name string, prefixes []string) bool {
	for _, prefix := range prefixes {
		if within(name, prefix) {
			return true
		}
	}
	return false
}

func contains(list []string, s string) bool {
	for _, v := range list {
		if v == s {
			return true
		}
	}
	return false
}

func orNone(list []string) string {
	if len(list) == 0 {
		return "none"
	}
	return strings.Join(list, ", ")
}

func unquote(lit *ast.BasicLit) string {
	s, err := strconv.Unquote(lit.Value)
	if err != nil {
		return lit.Value
	}
	return s
}
