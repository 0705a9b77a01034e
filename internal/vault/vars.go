package vault

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"patchbay"
	"patchbay/internal/store"
)

// Vars returns the values that a user has given for a server's variables, by name.
// The map is the caller's own. A value that the key does not open any more is a
// needs_variables error: the person gives it again.
func (v *Vault) Vars(ctx context.Context, user patchbay.UserID, server patchbay.ServerID) (map[string]string, error) {
	s, err := v.load(ctx, user, server)
	if err != nil {
		return nil, err
	}
	if len(s.broken) > 0 {
		return nil, &patchbay.Error{
			Code:    patchbay.CodeNeedsVariables,
			Message: "What is stored for " + strings.Join(s.broken, ", ") + " cannot be opened any more. Set it again.",
			Detail:  map[string]any{"missingUserVars": slices.Clone(s.broken)},
		}
	}
	return maps.Clone(s.vars), nil
}

// Flags says of each variable that a server declares whether the user has given it.
func (v *Vault) Flags(ctx context.Context, user patchbay.UserID, server *patchbay.Server) (map[string]bool, error) {
	s, err := v.load(ctx, user, server.ID)
	if err != nil {
		return nil, err
	}
	flags := make(map[string]bool, len(server.UserVars))
	for _, uv := range server.UserVars {
		_, flags[uv.Name] = s.vars[uv.Name]
	}
	return flags, nil
}

// SetVars sets the variables in values and leaves the others as they are, all or
// nothing. An empty value deletes its variable: an empty one counts as not given.
// Names are not checked against the definition; the caller does that.
func (v *Vault) SetVars(ctx context.Context, user patchbay.UserID, server patchbay.ServerID, values map[string]string) error {
	if err := checkValues(values); err != nil {
		return err
	}
	old, _, err := v.read(ctx, user, server)
	if err != nil {
		return err
	}
	var puts []*store.Credential
	var remove []string
	after := len(old.vars) + len(old.broken)
	for _, name := range slices.Sorted(maps.Keys(values)) {
		value := values[name]
		was, had := old.vars[name]
		broken := slices.Contains(old.broken, name)
		switch {
		case value == "" && (had || broken):
			remove = append(remove, name)
			after--
		case value == "" || (had && was == value):
		default:
			c, err := v.sealVar(user, server, name, value)
			if err != nil {
				return err
			}
			puts = append(puts, c)
			if !had && !broken {
				after++
			}
		}
	}
	if after > MaxVars {
		return patchbay.Errorf(patchbay.CodeTooLarge, "At most %d variables can be kept for one server.", MaxVars)
	}
	if len(puts) == 0 && len(remove) == 0 {
		return nil
	}
	err = v.store.PutCredentials(ctx, user, server, kindVar, puts, remove)
	return v.changed(user, server, err)
}

// DeleteVars deletes the named variables of a user at a server, all of them when
// none is named. One that is not there is no error.
func (v *Vault) DeleteVars(ctx context.Context, user patchbay.UserID, server patchbay.ServerID, names ...string) error {
	old, _, err := v.read(ctx, user, server)
	if err != nil {
		return err
	}
	have := slices.Concat(slices.Collect(maps.Keys(old.vars)), old.broken)
	remove := have
	if len(names) > 0 {
		remove = slices.DeleteFunc(have, func(n string) bool { return !slices.Contains(names, n) })
	}
	if len(remove) == 0 {
		return nil
	}
	err = v.store.PutCredentials(ctx, user, server, kindVar, nil, remove)
	return v.changed(user, server, err)
}

// changed drops the cached values (after a failure too: nobody knows then which ones
// are in the store) and tells who has to reconnect.
func (v *Vault) changed(user patchbay.UserID, server patchbay.ServerID, err error) error {
	v.cache.drop(user, server)
	if err != nil {
		return fmt.Errorf("vault: change variables at %s: %w", server, err)
	}
	v.onChange(user, server)
	return nil
}

func (v *Vault) sealVar(user patchbay.UserID, server patchbay.ServerID, name, value string) (*store.Credential, error) {
	sealed, err := v.box.Seal([]byte(value), place(user, server, kindVar, name))
	if err != nil {
		return nil, fmt.Errorf("vault: %w", err)
	}
	return &store.Credential{Name: name, Sealed: sealed, KeyID: v.box.KeyID(), UpdatedAt: v.now()}, nil
}

// load returns the opened values from the cache or the store.
func (v *Vault) load(ctx context.Context, user patchbay.UserID, server patchbay.ServerID) (*values, error) {
	if s, ok := v.cache.get(user, server); ok {
		return s, nil
	}
	s, turn, err := v.read(ctx, user, server)
	if err != nil {
		return nil, err
	}
	v.cache.put(user, server, s, turn)
	return s, nil
}

// read opens what the store has now. A change starts from here: what the cache holds
// may be older than what another process wrote.
func (v *Vault) read(ctx context.Context, user patchbay.UserID, server patchbay.ServerID) (s *values, turn uint64, err error) {
	if user == "" || server == "" {
		return nil, 0, errors.New("vault: a credential needs a user and a server")
	}
	turn = v.cache.begin()
	rows, err := v.store.Credentials(ctx, user, server, kindVar)
	if err != nil {
		return nil, 0, fmt.Errorf("vault: variables at %s: %w", server, err)
	}
	s = &values{vars: make(map[string]string, len(rows))}
	for _, c := range rows {
		plain, err := v.box.Open(c.Sealed, place(user, server, kindVar, c.Name))
		if err != nil {
			s.broken = append(s.broken, c.Name)
			continue
		}
		s.vars[c.Name] = string(plain)
	}
	return s, turn, nil
}

// checkValues refuses what could not be stored or handed to a server. Messages never
// hold a value.
func checkValues(values map[string]string) error {
	var fields []patchbay.FieldError
	for _, name := range slices.Sorted(maps.Keys(values)) {
		value, problem := values[name], ""
		switch {
		case name == "" || len(name) > MaxName || !utf8.ValidString(name) || strings.ContainsRune(name, 0):
			return &patchbay.Error{
				Code: patchbay.CodeInvalid, Message: "A variable's name is not valid.",
				Fields: []patchbay.FieldError{{Path: "body.authValues", Message: fmt.Sprintf("holds a name that is empty, longer than %d bytes, or not text", MaxName)}},
			}
		case len(value) > MaxValue:
			problem = fmt.Sprintf("must have at most %d bytes", MaxValue)
		case !utf8.ValidString(value) || strings.ContainsRune(value, 0):
			problem = "must be text without NUL characters"
		default:
			continue
		}
		fields = append(fields, patchbay.FieldError{Path: "body.authValues." + name, Message: problem})
	}
	if len(fields) > 0 {
		return &patchbay.Error{Code: patchbay.CodeInvalid, Message: "A variable's value is not valid.", Fields: fields}
	}
	return nil
}
