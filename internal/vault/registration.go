package vault

import (
	"context"
	"encoding/json"
	"fmt"

	"patchbay"
	"patchbay/internal/oauth"
	"patchbay/internal/seal"
	"patchbay/internal/store"
)

// Registration returns our client that is kept under key for a server. A not-found error
// means that there is none, or none that this key opens any more: register anew.
func (v *Vault) Registration(ctx context.Context, server patchbay.ServerID, key oauth.RegistrationKey) (*oauth.Registration, error) {
	row, err := v.store.OAuthRegistration(ctx, registrationRow(server, key))
	if err != nil {
		return nil, fmt.Errorf("vault: registration at %s: %w", server, err)
	}
	r := new(oauth.Registration)
	plain, err := v.box.Open(row.Sealed, registrationPlace(row))
	if err == nil {
		err = json.Unmarshal(plain, r)
	}
	if err != nil {
		return nil, &patchbay.Error{Code: patchbay.CodeNotFound, Message: "The registration that is stored cannot be opened any more.", Err: err}
	}
	return r, nil
}

// StoreRegistration keeps our client for all who sign in at a server, in place of what is
// under its key.
func (v *Vault) StoreRegistration(ctx context.Context, server patchbay.ServerID, r *oauth.Registration) error {
	row := registrationRow(server, r.Key())
	plain, err := json.Marshal(r)
	if err == nil {
		row.Sealed, err = v.box.Seal(plain, registrationPlace(row))
	}
	if err == nil {
		row.KeyID, row.UpdatedAt = v.box.KeyID(), v.now()
		err = v.store.PutOAuthRegistration(ctx, row)
	}
	if err != nil {
		return fmt.Errorf("vault: store registration at %s: %w", server, err)
	}
	return nil
}

// DropRegistration forgets a client that the issuer forgot. One that is not there, or that
// was made anew meanwhile (with another client id), is no error.
func (v *Vault) DropRegistration(ctx context.Context, server patchbay.ServerID, r *oauth.Registration) error {
	row, err := v.store.OAuthRegistration(ctx, registrationRow(server, r.Key()))
	if patchbay.CodeOf(err) == patchbay.CodeNotFound {
		return nil
	}
	if err != nil {
		return fmt.Errorf("vault: drop registration at %s: %w", server, err)
	}
	if kept, err := v.Registration(ctx, server, r.Key()); err == nil && kept.ClientID != r.ClientID {
		return nil
	}
	if err := v.store.DeleteOAuthRegistration(ctx, row); err != nil {
		return fmt.Errorf("vault: drop registration at %s: %w", server, err)
	}
	return nil
}

func registrationRow(server patchbay.ServerID, key oauth.RegistrationKey) *store.OAuthRegistration {
	return &store.OAuthRegistration{Server: server, Issuer: key.Issuer, RedirectURI: key.RedirectURI, Source: string(key.Source)}
}

// registrationPlace is the associated data of a registration.
func registrationPlace(r *store.OAuthRegistration) string {
	return seal.Data("oauth_registrations", string(r.Server), r.Issuer, r.RedirectURI, r.Source)
}
