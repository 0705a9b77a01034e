package flow

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"strings"
	"time"

	"patchbay"
	"patchbay/internal/oauth"
)

// Address is where a sign-in at a server leads back to.
func (s *Service) Address(server *patchbay.Server, base string) Address {
	at := Address{RedirectURI: base + Path(server.Name, "callback")}
	if public := s.o.Public(); public != "" && public == base {
		at.ClientDocument = base + documentPrefix + s.documentID(s.o.Secrets[0], at.RedirectURI) + documentSuffix
	}
	return at
}

// documentID is the unguessable part of a document's address. It is derived, so that it
// stays the same after a restart: it is our client id.
func (s *Service) documentID(secret []byte, redirectURI string) string {
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte("client document\x00" + redirectURI))
	return strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(mac.Sum(nil)[:20]))
}

// resend is how long a person has to be away before the way they were sent counts as one
// that does not work.
const resend = 30 * time.Second

// register climbs the ladder: the operator's client, a document, a dynamic registration,
// that one kept and shared by everybody who comes by the same address. renew makes a new
// one although there is one: the issuer forgot it.
func (s *Service) register(ctx context.Context, c *oauth.Client, server *patchbay.Server, k *kept, redirectURI string, renew bool) (reg *oauth.Registration, fresh bool, err error) {
	source, err := c.SourceFor(k.Discovery, k.SkipDocument)
	if err != nil && k.SkipDocument {
		k.SkipDocument = false // it is the document or nothing
		source, err = c.SourceFor(k.Discovery, false)
	}
	if err != nil {
		return nil, false, err
	}
	if source != oauth.Dynamic {
		reg, err = c.Register(ctx, k.Discovery, k.SkipDocument)
		return reg, false, err
	}
	key := oauth.RegistrationKey{Issuer: k.Discovery.AuthServer.Issuer, RedirectURI: redirectURI, Source: oauth.Dynamic}
	done, err := s.turns.take(ctx, "registration\x00"+key.Issuer+"\x00"+key.RedirectURI)
	if err != nil {
		return nil, false, err
	}
	defer done()
	reg, err = s.o.Vault.Registration(ctx, server.ID, key)
	if err != nil && patchbay.CodeOf(err) != patchbay.CodeNotFound {
		return nil, false, err
	}
	old := k.Registration
	if err == nil && reg.Usable(s.o.Now()) && (!renew || old == nil || reg.ClientID != old.ClientID) {
		return reg, false, nil // with renew: somebody has made a new one already
	}
	reg, err = c.Register(ctx, k.Discovery, k.SkipDocument)
	if err != nil {
		return nil, false, err
	}
	if err := s.o.Vault.StoreRegistration(ctx, server.ID, reg); err != nil {
		return nil, false, err
	}
	s.o.Logger.InfoContext(ctx, "Registered at an authorization server", "server", server.Name, "issuer", key.Issuer)
	return reg, true, nil
}
