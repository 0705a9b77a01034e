package config

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"time"

	"patchbay"
	"patchbay/internal/expand"
)

// Hash digests what makes a connection of def: everything that expand reads, and the
// values of ${NAME}. Titles, access, tool filters and the like do not count, so
// changing them keeps connections.
func Hash(def *patchbay.Server, lookup func(string) (string, bool)) string {
	env := map[string]*string{}
	for _, n := range expand.EnvNames(def) {
		env[n] = nil
		if lookup == nil {
			continue
		}
		if v, ok := lookup(n); ok {
			env[n] = &v
		}
	}
	var vars []string
	for _, v := range def.UserVars {
		vars = append(vars, v.Name)
	}
	// The encoder sorts maps, so equal definitions have equal bytes.
	data, err := json.Marshal(struct {
		ID                                       patchbay.ServerID
		Source                                   patchbay.Source
		Transport                                patchbay.Transport
		Inferred                                 bool
		Command, Dir, URL, Proxy                 string
		Args                                     []string
		Env, Headers, RequestHeaders, OAuthHeads map[string]string
		Stderr                                   patchbay.Stderr
		SSERead, Call, Connect                   time.Duration
		Vars                                     []string
		RequiresOAuth                            *bool
		OAuth                                    *patchbay.OAuthConfig
		APIKey                                   *patchbay.APIKey
		Level                                    patchbay.Level
		Problem                                  *patchbay.Problem
		Values                                   map[string]*string
	}{
		def.ID, def.Source, def.Transport, def.Inferred, def.Command, def.Dir, def.URL, def.Proxy, def.Args,
		def.Env, def.Headers, def.RequestHeaders, def.OAuthHeaders, def.Stderr,
		def.SSEReadTimeout, def.CallTimeout, def.ConnectTimeout, vars, def.RequiresOAuth, def.OAuth, def.APIKey,
		expand.LevelOf(def), problemWithoutPlace(def.Problem), env,
	})
	if err != nil {
		return "" // strings, numbers and maps of them always encode
	}
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// problemWithoutPlace drops the line: a comment above a bad entry does not change it.
func problemWithoutPlace(p *patchbay.Problem) *patchbay.Problem {
	if p == nil {
		return nil
	}
	return &patchbay.Problem{Reason: p.Reason, Message: p.Message}
}
