package vault

import (
	"patchbay/internal/seal"
	"patchbay/internal/store"
)

// SealFlow seals what a flow has to keep until its callback into f.Sealed and f.KeyID,
// bound to f's id, user and server, which must be set.
func (v *Vault) SealFlow(f *store.Flow, plain []byte) error {
	sealed, err := v.box.Seal(plain, flowPlace(f))
	if err != nil {
		return err
	}
	f.Sealed, f.KeyID = sealed, v.box.KeyID()
	return nil
}

// OpenFlow returns what SealFlow was given.
func (v *Vault) OpenFlow(f *store.Flow) ([]byte, error) { return v.box.Open(f.Sealed, flowPlace(f)) }

func flowPlace(f *store.Flow) string {
	return seal.Data("oauth_flows", f.ID, string(f.User), string(f.Server))
}
