package ui

import (
	"net/url"
	"strconv"
	"strings"
	"testing"

	"patchbay/internal/testkit"
)

// TestSharing is sharing.mjs: servers that people make, share and use, and groups.
func TestSharing(t *testing.T) {
	chromium := needs(t)
	echo := testkit.NewEcho(t, testkit.EchoOptions{})
	auth := testkit.NewAuthServer(t, testkit.AuthServerOptions{})
	protected := auth.Protect(t, testkit.NewEcho(t, testkit.EchoOptions{}), testkit.ProtectOptions{})
	var allowed []string
	for _, raw := range []string{echo.URL(), protected.URL(), auth.Issuer()} {
		u, err := url.Parse(raw)
		if err != nil {
			t.Fatal(err)
		}
		allowed = append(allowed, strconv.Quote(u.Host))
	}
	i := startInstance(t, `version: 1.2.8
mcpSettings:
  allowedAddresses: [`+strings.Join(allowed, ", ")+`]
mcpServers:
  file:
    title: From the file
    type: streamable-http
    url: `+echo.URL()+"\n")
	drive(t, chromium, i, "sharing.mjs", "UI_ECHO="+echo.URL(), "UI_PROTECTED="+protected.URL())
}
