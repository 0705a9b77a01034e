package vault

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"patchbay"
	"patchbay/internal/store"
)

// kindModelKey rows belong to no server: their name is the provider's.
const (
	kindModelKey = "model_key"
	noServer     = patchbay.ServerID("")
)

// MaxModelKeys bounds the providers that one user keeps a key for.
const MaxModelKeys = 64

// ModelKey is a person's key for a model provider.
type ModelKey struct {
	Secret    patchbay.Secret
	BaseURL   string    // where the person's own API is; empty: where the provider says
	ExpiresAt time.Time // the person's own limit; zero: none
}

// ModelKeyFlag says of a key that it is there, and not what it is.
type ModelKeyFlag struct {
	HasURL    bool
	ExpiresAt time.Time
	Broken    bool // what is stored cannot be opened any more
	UpdatedAt time.Time
}

// sealedKey is a ModelKey as it is sealed.
type sealedKey struct {
	Secret  string `json:"secret"`
	BaseURL string `json:"baseUrl,omitempty"`
	Expires int64  `json:"expires,omitempty"` // milliseconds since 1970
}

// SetModelKey keeps a person's key for a provider, in place of the one before. It is
// durable when it returns.
func (v *Vault) SetModelKey(ctx context.Context, user patchbay.UserID, provider string, k ModelKey) error {
	if err := checkModelKey(user, provider, k); err != nil {
		return err
	}
	rows, err := v.store.Credentials(ctx, user, noServer, kindModelKey)
	if err != nil {
		return fmt.Errorf("vault: model keys: %w", err)
	}
	others := 0
	for _, c := range rows {
		if c.Name != provider {
			others++
		}
	}
	if others >= MaxModelKeys {
		return patchbay.Errorf(patchbay.CodeTooLarge, "Keys can be kept for at most %d providers. Delete one that you do not need.", MaxModelKeys)
	}
	doc := sealedKey{Secret: k.Secret.Reveal(), BaseURL: k.BaseURL}
	if !k.ExpiresAt.IsZero() {
		doc.Expires = k.ExpiresAt.UnixMilli()
	}
	plain, err := json.Marshal(doc)
	if err != nil {
		return fmt.Errorf("vault: model key: %w", err)
	}
	sealed, err := v.box.Seal(plain, place(user, noServer, kindModelKey, provider))
	if err != nil {
		return fmt.Errorf("vault: %w", err)
	}
	row := &store.Credential{Name: provider, Sealed: sealed, KeyID: v.box.KeyID(), UpdatedAt: v.now()}
	if err := v.store.PutCredentials(ctx, user, noServer, kindModelKey, []*store.Credential{row}, nil); err != nil {
		return fmt.Errorf("vault: set model key: %w", err)
	}
	return nil
}

// DeleteModelKey erases a person's key for a provider. One that is not there is no error.
func (v *Vault) DeleteModelKey(ctx context.Context, user patchbay.UserID, provider string) error {
	if user == "" {
		return errors.New("vault: a model key needs a user")
	}
	if err := v.store.PutCredentials(ctx, user, noServer, kindModelKey, nil, []string{provider}); err != nil {
		return fmt.Errorf("vault: delete model key: %w", err)
	}
	return nil
}

// ModelKeys says for which providers a person keeps a key.
func (v *Vault) ModelKeys(ctx context.Context, user patchbay.UserID) (map[string]ModelKeyFlag, error) {
	if user == "" {
		return nil, errors.New("vault: a model key needs a user")
	}
	rows, err := v.store.Credentials(ctx, user, noServer, kindModelKey)
	if err != nil {
		return nil, fmt.Errorf("vault: model keys: %w", err)
	}
	flags := make(map[string]ModelKeyFlag, len(rows))
	for _, c := range rows {
		f := ModelKeyFlag{UpdatedAt: c.UpdatedAt}
		if k, err := v.openModelKey(user, c); err == nil {
			f.HasURL, f.ExpiresAt = k.BaseURL != "", k.ExpiresAt
		} else {
			f.Broken = true
		}
		flags[c.Name] = f
	}
	return flags, nil
}

// ModelKey returns a person's key for a provider. Without one, and when it cannot be
// opened any more, the error is model_key_missing; whether it has expired is the
// caller's to look at.
func (v *Vault) ModelKey(ctx context.Context, user patchbay.UserID, provider string) (ModelKey, error) {
	if user == "" {
		return ModelKey{}, errors.New("vault: a model key needs a user")
	}
	rows, err := v.store.Credentials(ctx, user, noServer, kindModelKey)
	if err != nil {
		return ModelKey{}, fmt.Errorf("vault: model keys: %w", err)
	}
	for _, c := range rows {
		if c.Name != provider {
			continue
		}
		k, err := v.openModelKey(user, c)
		if err != nil {
			return ModelKey{}, patchbay.Errorf(patchbay.CodeModelKeyMissing, "Your key for %s cannot be opened any more. Set it again.", provider)
		}
		return k, nil
	}
	return ModelKey{}, patchbay.Errorf(patchbay.CodeModelKeyMissing, "%s needs a key of yours. Set it first.", provider)
}

func (v *Vault) openModelKey(user patchbay.UserID, c *store.Credential) (ModelKey, error) {
	plain, err := v.box.Open(c.Sealed, place(user, noServer, kindModelKey, c.Name))
	if err != nil {
		return ModelKey{}, err
	}
	var doc sealedKey
	if err := json.Unmarshal(plain, &doc); err != nil {
		return ModelKey{}, errors.New("vault: a stored model key has another form") // not err: it may quote the text
	}
	k := ModelKey{Secret: patchbay.NewSecret(doc.Secret), BaseURL: doc.BaseURL}
	if doc.Expires != 0 {
		k.ExpiresAt = time.UnixMilli(doc.Expires).UTC()
	}
	return k, nil
}

// checkModelKey refuses what could not be stored.
func checkModelKey(user patchbay.UserID, provider string, k ModelKey) error {
	text := func(s string, most int) bool {
		return len(s) <= most && utf8.ValidString(s) && !strings.ContainsRune(s, 0)
	}
	switch {
	case user == "":
		return errors.New("vault: a model key needs a user")
	case provider == "" || !text(provider, MaxName):
		return patchbay.Errorf(patchbay.CodeInvalid, "The name of the provider is not valid.")
	case !text(k.Secret.Reveal(), MaxValue) || !text(k.BaseURL, 2048):
		return &patchbay.Error{
			Code: patchbay.CodeInvalid, Message: "The key is not valid.",
			Fields: []patchbay.FieldError{{Path: "body.key", Message: fmt.Sprintf("must be text of at most %d bytes", MaxValue)}},
		}
	}
	return nil
}
