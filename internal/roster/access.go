package roster

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"net/http"
	"net/url"

	"patchbay"
	"patchbay/internal/expand"
	"patchbay/internal/provider"
	"patchbay/internal/provider/openai"
)

// access is a provider as one actor reaches it.
type access struct {
	provider *known
	owner    patchbay.UserID // whose it is; empty: everybody's
	url      *url.URL
	trust    patchbay.Trust
	header   http.Header
	key      provider.Key
	// deployments are Azure's, with the headers for who asks.
	deployments []openai.Deployment
}

// access finds out how a reaches a provider, or why not.
func (s *Service) access(ctx context.Context, st *state, k *known, a patchbay.Actor) (*access, error) {
	if k.unavailable != "" {
		return nil, patchbay.Errorf(k.code, "%s", k.unavailable)
	}
	x := &access{provider: k, url: k.url, trust: patchbay.TrustOperator, key: provider.NewKey(k.key.Reveal())}
	if k.KeySource == patchbay.KeyUser || k.UserURL {
		if err := s.personal(ctx, x, a); err != nil {
			return nil, err
		}
	}
	if k.UserURL {
		return x, nil // what the operator's headers say is not for other people's addresses
	}
	if expand.PersonalHeaders(k.Provider) {
		if a.User == nil {
			return nil, patchbay.Errorf(patchbay.CodeForbidden, "%s wants to know who asks. Act as a user.", k.DisplayName())
		}
		x.owner = a.User.ID
	}
	header, err := expand.ProviderHeaders(k.Provider, expand.Values{Env: st.cfg.Env, User: a.User, TrustEmail: st.cfg.TrustEmail})
	if err != nil {
		return nil, patchbay.Errorf(patchbay.CodeUnavailable, "The headers of %s cannot be built: %s. An administrator can correct it.", k.DisplayName(), err)
	}
	x.header = header
	if x.deployments, err = k.deploymentsFor(expand.Values{Env: st.cfg.Env, User: a.User, TrustEmail: st.cfg.TrustEmail}); err != nil {
		return nil, patchbay.Errorf(patchbay.CodeUnavailable, "The headers of %s cannot be built: %s. An administrator can correct it.", k.DisplayName(), err)
	}
	return x, nil
}

// personal fills in what is the person's own.
func (s *Service) personal(ctx context.Context, x *access, a patchbay.Actor) error {
	k := x.provider
	if a.User == nil {
		return patchbay.Errorf(patchbay.CodeModelKeyMissing, "%s needs a key of a person. Act as a user who has set one.", k.DisplayName())
	}
	own, err := s.vault.ModelKey(ctx, a.User.ID, k.Name)
	if err != nil {
		return err
	}
	if !own.ExpiresAt.IsZero() && !s.now().Before(own.ExpiresAt) {
		return patchbay.Errorf(patchbay.CodeModelKeyExpired, "Your key for %s has expired. Set it again.", k.DisplayName())
	}
	// A key that was given for one address goes to no other.
	if k.UserURL != (own.BaseURL != "") {
		return patchbay.Errorf(patchbay.CodeModelKeyMissing, "The address of %s is another than your key was given for. Set it again.", k.DisplayName())
	}
	x.owner = a.User.ID
	if k.KeySource == patchbay.KeyUser {
		x.key = provider.NewKey(own.Secret.Reveal())
	}
	if k.UserURL {
		u, err := parseBase(own.BaseURL)
		if err != nil {
			return patchbay.Errorf(patchbay.CodeModelKeyMissing, "Your address for %s cannot be used: %s. Set it again.", k.DisplayName(), err)
		}
		x.url, x.trust = u, patchbay.TrustPerson
	}
	return nil
}

// print is a digest of everything that an answer depends on.
func (x *access) print() [sha256.Size]byte {
	// Texts and maps of them always encode.
	data, _ := json.Marshal([]any{x.provider.Kind, x.url.String(), x.header, x.trust, x.key.Reveal()})
	return sha256.Sum256(data)
}
