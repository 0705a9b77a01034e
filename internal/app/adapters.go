package app

import (
	"context"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"time"

	"patchbay"
	"patchbay/internal/api"
	"patchbay/internal/netguard"
	"patchbay/internal/tools"
)

// toolbox serves the API's view of tools.
type toolbox struct{ *tools.Service }

var _ api.Tools = toolbox{}

// List returns an actor's catalogue.
func (t toolbox) List(ctx context.Context, a patchbay.Actor, f api.ToolFilter) ([]api.ToolEntry, error) {
	found, err := t.Service.List(ctx, a, tools.Filter{Server: f.Server, Connect: f.Connect})
	if err != nil {
		return nil, err
	}
	entries := make([]api.ToolEntry, len(found))
	for i, e := range found {
		entries[i] = api.ToolEntry(e)
	}
	return entries, nil
}

// iconTimeout bounds getting an icon of another host.
const iconTimeout = 10 * time.Second

// icons gets icons of other hosts through the guard.
type icons struct{ guard func() *netguard.Guard }

var _ api.IconFetcher = icons{}

// Icon returns the bytes behind a definition's iconPath.
func (i icons) Icon(ctx context.Context, s *patchbay.Server, limit int64) ([]byte, error) {
	u, err := url.Parse(s.IconPath)
	if err != nil {
		return nil, patchbay.Errorf(patchbay.CodeNotFound, "The icon's address is not a URL.")
	}
	trust := patchbay.TrustOperator // the operator wrote the address
	if s.Source != patchbay.SourceYAML {
		trust = patchbay.TrustPerson
	}
	ctx, cancel := context.WithTimeout(ctx, iconTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return nil, fmt.Errorf("app: icon of %s: %w", s.Name, err)
	}
	client := i.guard().Client(netguard.ClientOptions{Trust: trust, MaxBody: limit})
	resp, err := client.Do(req)
	if err != nil {
		return nil, fmt.Errorf("app: icon of %s: %w", s.Name, err)
	}
	defer resp.Body.Close()
	kind, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	if resp.StatusCode != http.StatusOK || len(kind) < 6 || kind[:6] != "image/" {
		return nil, patchbay.Errorf(patchbay.CodeNotFound, "There is no image at the icon's address.")
	}
	return io.ReadAll(io.LimitReader(resp.Body, limit+1))
}
