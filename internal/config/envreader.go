package config

import (
	"encoding/hex"
	"fmt"
	"net"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"patchbay/internal/httpkit"
)

func orDefault(v, def string) string {
	if v == "" {
		return def
	}
	return v
}

// envReader reads variables and gathers what is wrong with them.
type envReader struct {
	env  *Env
	errs []string
}

func (r *envReader) wrong(name, what string) { r.errs = append(r.errs, name+" "+what) }

func (r *envReader) listen() string {
	host, port := orDefault(r.env.Get("HOST"), "127.0.0.1"), orDefault(r.env.Get("PORT"), "3080")
	if n, err := strconv.ParseUint(port, 10, 16); err != nil {
		r.wrong("PORT", "must be a port from 0 to 65535")
	} else {
		port = strconv.FormatUint(n, 10)
	}
	host = strings.Trim(host, "[]")
	if strings.ContainsAny(host, "/@ ") || strings.Contains(host, ":") && net.ParseIP(host) == nil {
		r.wrong("HOST", "must be the name or address to listen on, without a port; PORT is for that")
	}
	return net.JoinHostPort(host, port)
}

func (r *envReader) address(name string, schemes ...string) *url.URL {
	text := r.env.Get(name)
	if text == "" {
		return nil
	}
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || !slices.Contains(schemes, u.Scheme) || u.RawQuery != "" || u.Fragment != "" {
		r.wrong(name, "must be a URL that begins with "+strings.Join(schemes, ":// or ")+"://")
		return nil
	}
	u.Path = strings.TrimRight(u.Path, "/")
	u.RawPath = ""
	return u
}

func (r *envReader) trustProxy() httpkit.Proxies {
	p, err := httpkit.ParseProxies(r.env.Get("TRUST_PROXY"))
	if err != nil {
		r.wrong("TRUST_PROXY", err.Error())
	}
	return p
}

func (r *envReader) secret(name string) string {
	v, err := r.env.Secret(name)
	if err != nil {
		r.errs = append(r.errs, err.Error())
	}
	return v
}

func (r *envReader) database() string {
	text := r.secret("DATABASE_URL")
	if text != "" && !strings.HasPrefix(text, "postgres://") && !strings.HasPrefix(text, "postgresql://") {
		r.wrong("DATABASE_URL", "must begin with postgres://; leave it unset for SQLite in the data folder")
	}
	return text
}

func (r *envReader) credsKeys() (current []byte, old [][]byte) {
	read := func(name, text string) []byte {
		key, err := hex.DecodeString(strings.TrimSpace(text))
		if err != nil || len(key) != 32 {
			r.wrong(name, "must be 64 hexadecimal digits (32 bytes); `openssl rand -hex 32` makes one")
			return nil
		}
		return key
	}
	if text := r.secret("CREDS_KEY"); text != "" {
		current = read("CREDS_KEY", text)
	}
	if text := r.secret("CREDS_KEY_PREVIOUS"); text != "" {
		for part := range strings.SplitSeq(text, ",") {
			if key := read("CREDS_KEY_PREVIOUS", part); key != nil {
				old = append(old, key)
			}
		}
	}
	return current, old
}

func (r *envReader) flag(name string, def bool) bool {
	switch strings.ToLower(r.env.Get(name)) {
	case "":
		return def
	case "true", "1":
		return true
	case "false", "0":
		return false
	}
	r.wrong(name, "must be true or false")
	return def
}

func (r *envReader) word(name, def string, allowed ...string) string {
	w := orDefault(strings.ToLower(r.env.Get(name)), def)
	if !slices.Contains(allowed, w) {
		r.wrong(name, "must be one of "+strings.Join(allowed, ", "))
		return def
	}
	return w
}

func (r *envReader) number(name string, low, high int64, what string) (int64, bool) {
	text := r.env.Get(name)
	if text == "" {
		return 0, false
	}
	n, ok := Arithmetic(text)
	if !ok || n < low || n > high {
		r.wrong(name, fmt.Sprintf("must be %s from %d to %d", what, low, high))
		return 0, false
	}
	return n, true
}

func (r *envReader) millis(name string, into *time.Duration) {
	if n, ok := r.number(name, 1, dayMillis, "milliseconds"); ok {
		*into = time.Duration(n) * time.Millisecond
	}
}

func (r *envReader) count(name string, into *int) {
	if n, ok := r.number(name, 1, 1_000_000, "a number"); ok {
		*into = int(n)
	}
}

func (r *envReader) bytes(name string, low int64, into *int64) {
	if n, ok := r.number(name, low, 1<<32, "bytes"); ok {
		*into = n
	}
}
