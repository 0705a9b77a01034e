package roster

import (
	"context"
	"time"

	"patchbay"
	"patchbay/internal/provider"
	"patchbay/internal/provider/bedrock"
	"patchbay/internal/vault"
)

// Key is a person's key for a provider.
type Key struct {
	Secret    patchbay.Secret
	BaseURL   string    // with a provider that asks each person for an address
	ExpiresAt time.Time // when it is to be no longer used; zero: never
}

// SetKey keeps a's key for a provider, in place of the one before. It is durable when it
// returns, and is never returned by anything.
func (s *Service) SetKey(ctx context.Context, a patchbay.Actor, name string, key Key) error {
	st := s.state.Load()
	k, err := st.find(name)
	if err != nil {
		return err
	}
	if err := s.checkKey(st, k, a, key); err != nil {
		return err
	}
	defer s.lists.drop(a.User.ID, name)
	return s.vault.SetModelKey(ctx, a.User.ID, k.Name, vault.ModelKey(key))
}

// DeleteKey erases a's key for a provider, one that is configured no more included. A key
// that is not there is no error.
func (s *Service) DeleteKey(ctx context.Context, a patchbay.Actor, name string) error {
	if a.User == nil {
		return patchbay.Errorf(patchbay.CodeForbidden, "A key belongs to a person. Act as a user.")
	}
	defer s.lists.drop(a.User.ID, name)
	return s.vault.DeleteModelKey(ctx, a.User.ID, name)
}

func (s *Service) checkKey(st *state, k *known, a patchbay.Actor, key Key) error {
	wrong := func(field, message string) error {
		return &patchbay.Error{
			Code: patchbay.CodeInvalid, Message: "The key for " + k.DisplayName() + " is not valid: " + field + " " + message + ".",
			Fields: []patchbay.FieldError{{Path: "body." + field, Message: message}},
		}
	}
	switch {
	case a.User == nil:
		return patchbay.Errorf(patchbay.CodeForbidden, "A key belongs to a person. Act as a user.")
	case k.code == patchbay.CodeNotImplemented:
		return patchbay.Errorf(k.code, "%s", k.unavailable)
	case k.KeySource != patchbay.KeyUser:
		return patchbay.Errorf(patchbay.CodeConflict, "%s is used with the key of this host. You need none of your own.", k.DisplayName())
	case key.Secret.Empty():
		return wrong("key", "must not be empty")
	case !headerSafe(key.Secret.Reveal()):
		return wrong("key", "must be one word of letters, digits and signs")
	case k.Kind == patchbay.ProviderBedrock && !isAWSKey(key.Secret):
		return wrong("key", "must be ID:SECRET, ID:SECRET:TOKEN or a Bedrock API key")
	case !key.ExpiresAt.IsZero() && !s.now().Before(key.ExpiresAt):
		return wrong("expiresAt", "must be in the future")
	case k.UserURL && key.BaseURL == "":
		return wrong("baseURL", "is missing: this provider asks each person for an address")
	case !k.UserURL && key.BaseURL != "":
		return wrong("baseURL", "is not asked for: the address of this provider is the operator's")
	case !k.UserURL:
		return nil
	}
	u, err := parseBase(key.BaseURL)
	if err != nil {
		return wrong("baseURL", "must begin with http:// or https:// and hold neither a password nor a # part")
	}
	if err := st.cfg.Guard.Check(u, patchbay.TrustPerson, nil); err != nil {
		return wrong("baseURL", "may not be reached from here: only public addresses may")
	}
	return nil
}

// isAWSKey reports whether a key has all parts of one of AWS's forms.
func isAWSKey(secret patchbay.Secret) bool {
	_, err := bedrock.ParseKey(provider.NewKey(secret.Reveal()))
	return err == nil
}
