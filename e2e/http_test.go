package e2e

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"patchbay/internal/testkit"
)

// cmdHTTP sends a request and keeps the answer for json and stdout:
//
//	http METHOD PATH [-token T] [-header 'K: V'] [-body JSON | -file F] [-status N]
//
// Without -status, 2xx is wanted; with !, anything else.
func cmdHTTP(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) < 2 {
		ts.Fatalf("usage: http METHOD PATH [-token T] [-header 'K: V'] [-body JSON | -file F] [-status N]")
	}
	body, want := "", 0
	header := http.Header{}
	for options := args[2:]; len(options) > 0; options = options[2:] {
		if len(options) == 1 {
			ts.Fatalf("http: %s needs a value", options[0])
		}
		switch name, value := options[0], options[1]; name {
		case "-token":
			header.Set("Authorization", "Bearer "+value)
		case "-header":
			k, v, _ := strings.Cut(value, ":")
			header.Add(k, strings.TrimSpace(v))
		case "-body":
			body = value
		case "-file":
			body = ts.ReadFile(value)
		case "-status":
			n, err := strconv.Atoi(value)
			ts.Check(err)
			want = n
		default:
			ts.Fatalf("http: unknown option %s", name)
		}
	}
	target := args[1]
	if strings.HasPrefix(target, "/") {
		target = ts.Getenv("URL") + target
	}
	req, err := http.NewRequest(args[0], target, strings.NewReader(body))
	ts.Check(err)
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	for k, v := range header {
		req.Header[k] = v
	}
	httpClient := http.Client{Timeout: time.Minute, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := httpClient.Do(req)
	ts.Check(err)
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	ts.Check(err)
	storyOf(ts).answer = data
	_, err = ts.Stdout().Write(data)
	ts.Check(err)
	ok := resp.StatusCode/100 == 2
	if want != 0 {
		ok = resp.StatusCode == want
	}
	if ok == neg {
		ts.Fatalf("http %s %s: status %d\n%s", args[0], args[1], resp.StatusCode, data)
	}
}

// cmdJSON looks into the last answer:
//
//	json PATH == VALUE    json PATH ~ REGEXP    json PATH -> VAR    json PATH
//
// PATH is members and indexes with dots; VALUE is JSON, or text for a string; the last
// form wants the member to be there (with !, not to be).
func cmdJSON(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 1 && len(args) != 3 {
		ts.Fatalf("usage: json PATH [== VALUE | ~ REGEXP | -> VAR]")
	}
	answer := storyOf(ts).answer
	var v any
	decoder := json.NewDecoder(strings.NewReader(string(answer)))
	decoder.UseNumber()
	if err := decoder.Decode(&v); err != nil {
		ts.Fatalf("json: the answer is not JSON: %v\n%s", err, answer)
	}
	value, there := lookup(v, args[0])
	if len(args) == 1 {
		if there == neg {
			ts.Fatalf("json: %s there: %t\n%s", args[0], there, answer)
		}
		return
	}
	if !there {
		ts.Fatalf("json: no %s\n%s", args[0], answer)
	}
	got := shown(value)
	ok := true
	switch args[1] {
	case "==":
		ok = got == args[2] || got == canonical(args[2])
	case "~":
		re, err := regexp.Compile(args[2])
		ts.Check(err)
		ok = re.MatchString(got)
	case "->":
		ts.Setenv(args[2], got)
	default:
		ts.Fatalf("json: unknown operator %s", args[1])
	}
	if ok == neg {
		ts.Fatalf("json: %s is %s\n%s", args[0], got, answer)
	}
}

func lookup(v any, path string) (any, bool) {
	for _, step := range strings.Split(path, ".") {
		switch x := v.(type) {
		case map[string]any:
			member, ok := x[step]
			if !ok {
				return nil, false
			}
			v = member
		case []any:
			if step == "#" {
				return json.Number(strconv.Itoa(len(x))), true
			}
			i, err := strconv.Atoi(step)
			if err != nil || i < 0 || i >= len(x) {
				return nil, false
			}
			v = x[i]
		default:
			return nil, false
		}
	}
	return v, true
}

// shown is a string as it is, anything else as JSON.
func shown(v any) string {
	if s, ok := v.(string); ok {
		return s
	}
	data, err := json.Marshal(v)
	if err != nil {
		return err.Error()
	}
	return string(data)
}

func canonical(text string) string {
	var v any
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	if decoder.Decode(&v) != nil {
		return text
	}
	return shown(v)
}

// cmdStatus waits until a server has a status: status TOKEN SERVER STATUS [REASON]. The
// answer is left for json.
func cmdStatus(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) < 3 || len(args) > 4 {
		ts.Fatalf("usage: status TOKEN SERVER STATUS [REASON]")
	}
	s := storyOf(ts)
	ok := poll(30*time.Second, func() bool {
		req, err := http.NewRequest(http.MethodGet, ts.Getenv("URL")+"/api/mcp/connection/status/"+url.PathEscape(args[1]), nil)
		ts.Check(err)
		req.Header.Set("Authorization", "Bearer "+args[0])
		resp, err := http.DefaultClient.Do(req)
		ts.Check(err)
		defer resp.Body.Close()
		s.answer, err = io.ReadAll(resp.Body)
		ts.Check(err)
		var got struct{ Status, Reason string }
		_ = json.Unmarshal(s.answer, &got) // something else is not the status we wait for
		return got.Status == args[2] && (len(args) < 4 || got.Reason == args[3])
	})
	if !ok {
		ts.Fatalf("status: %s\n%s", s.answer, s.log())
	}
}

// cmdSessions checks what the echo server saw: sessions N. There are N protocol sessions,
// and none was used by two identities.
func cmdSessions(echo *testkit.Echo) func(*testscript.TestScript, bool, []string) {
	return func(ts *testscript.TestScript, _ bool, args []string) {
		if len(args) != 1 {
			ts.Fatalf("usage: sessions N")
		}
		sessions := echo.Sessions()
		if strconv.Itoa(len(sessions)) != args[0] {
			ts.Fatalf("sessions: %d: %v", len(sessions), sessions)
		}
		for _, session := range sessions {
			if len(session.Identities) > 1 {
				ts.Fatalf("sessions: %s was shared by %v", session.ID, session.Identities)
			}
		}
	}
}

// cmdSubst replaces $NAME in files by the script's variables: subst FILE….
func cmdSubst(ts *testscript.TestScript, _ bool, args []string) {
	for _, file := range args {
		text := os.Expand(ts.ReadFile(file), func(name string) string {
			if value := ts.Getenv(name); value != "" {
				return value
			}
			return "${" + name + "}" // a placeholder of the configuration
		})
		ts.Check(os.WriteFile(ts.MkAbs(file), []byte(text), 0o600))
	}
}

// cmdCapture sets a variable to the last stdout, trimmed: capture VAR.
func cmdCapture(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) != 1 {
		ts.Fatalf("usage: capture VAR")
	}
	ts.Setenv(args[0], strings.TrimSpace(ts.ReadFile("stdout")))
}
