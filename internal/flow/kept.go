package flow

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	"patchbay"
	"patchbay/internal/oauth"
	"patchbay/internal/store"
)

// kept is the sealed part of a row: what has to outlast the person's absence. It holds
// the verifier and the client's secret.
type kept struct {
	Definition string           `json:"definition"` // its Hash
	Discovery  *oauth.Discovery `json:"discovery"`
	Granted    []string         `json:"granted,omitempty"` // scopes of the token that was too weak
	StepUps    int              `json:"stepUps,omitempty"` // how often in a row that happened

	// From here on: once the person was sent away.
	Pending      *oauth.Pending      `json:"pending,omitempty"`
	Registration *oauth.Registration `json:"registration,omitempty"`
	URL          string              `json:"url,omitempty"` // where the person was sent
	SentAt       time.Time           `json:"sentAt,omitzero"`
	Fresh        bool                `json:"fresh,omitempty"` // Registration was made for this flow
	SkipDocument bool                `json:"skipDocument,omitempty"`
	Renewals     int                 `json:"renewals,omitempty"`
}

func (s *Service) seal(f *store.Flow, k *kept) error {
	plain, err := json.Marshal(k)
	if err == nil {
		err = s.o.Vault.SealFlow(f, plain)
	}
	if err != nil {
		return fmt.Errorf("flow: %w", err)
	}
	return nil
}

func (s *Service) open(f *store.Flow) (*kept, error) {
	plain, err := s.o.Vault.OpenFlow(f)
	if err != nil {
		return nil, failure(Failed, err, "This sign-in cannot be continued: it was begun under another key. Start it again.")
	}
	k := &kept{}
	if err := json.Unmarshal(plain, k); err != nil || k.Discovery == nil {
		return nil, failure(Failed, err, "This sign-in cannot be continued. Start it again.")
	}
	return k, nil
}

// digest is what is stored of a state or of a browser's cookie. They are 256 random bits,
// so that a plain hash keeps them.
func digest(value string) string {
	if value == "" {
		return ""
	}
	sum := sha256.Sum256([]byte(value))
	return hex.EncodeToString(sum[:])
}

func placeOf(f *store.Flow) place { return place{f.User, f.Server} }

func (p place) key() string { return "flow\x00" + string(p.user) + "\x00" + string(p.server) }

func (s *Service) serverOf(f *store.Flow) *patchbay.Server {
	if srv, ok := s.o.Servers.ByID(f.Server); ok {
		return srv
	}
	return &patchbay.Server{ID: f.Server, Name: string(f.Server)}
}
