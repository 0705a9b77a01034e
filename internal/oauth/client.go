package oauth

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"time"

	"patchbay"
	"patchbay/internal/netguard"
)

// Bounds of one exchange, and of finding things out.
const (
	MaxBody         = 256 << 10        // bytes of one answer
	ExchangeTimeout = 10 * time.Second // one request with its answer
	DiscoverTimeout = 45 * time.Second // all of Discover
	maxDepth        = 32               // arrays and objects inside each other
	maxAuthServers  = 4                // of the list in the resource's metadata
	maxURL          = 2048             // bytes of an endpoint's address
)

// Access says how an address came to be known, and so what it may reach and what may be
// sent there.
type Access struct {
	Trust patchbay.Trust
	// Redirects is false for requests that carry a secret: where a redirect leads was
	// named by nobody who may name it.
	Redirects bool
}

// HTTP is the way out. Through makes one of the guard. Its methods are called several
// times for each action, from several goroutines.
type HTTP interface {
	// Client returns a client for one exchange. Its bounds are those of this package.
	Client(Access) *http.Client
	// Check judges an address that may be asked later, or by the person's browser, by
	// what can be seen of it now.
	Check(u *url.URL, trust patchbay.Trust) error
}

// Through returns the HTTP of a definition: target and trust are those of its URL (nil
// and the trust of its block for stdio), proxy is its own, nil for the general one.
func Through(g *netguard.Guard, target *url.URL, trust patchbay.Trust, proxy *url.URL) HTTP {
	return &guarded{guard: g, target: httpForm(target), trust: trust, proxy: proxy}
}

type guarded struct {
	guard  *netguard.Guard
	target *url.URL
	trust  patchbay.Trust
	proxy  *url.URL
}

var _ HTTP = (*guarded)(nil)

// Client implements HTTP.
func (g *guarded) Client(a Access) *http.Client {
	return g.guard.Client(netguard.ClientOptions{
		Trust: a.Trust, Origin: g.target, OriginTrust: g.trust, Proxy: g.proxy,
		MaxBody: MaxBody, Timeout: ExchangeTimeout, NoRedirects: !a.Redirects,
	})
}

// Check implements HTTP.
func (g *guarded) Check(u *url.URL, trust patchbay.Trust) error {
	return g.guard.Check(u, trust, g.target)
}

// Options are what a Client knows of one definition, placeholders replaced.
type Options struct {
	// HTTP is the way out; required.
	HTTP HTTP
	// URL is the MCP server's; nil for stdio.
	URL *url.URL
	// HidePath keeps the path of URL out of steps: a placeholder's value stands in it.
	HidePath bool
	// Trust is the class of URL, and of the addresses in Block (expand.TrustOf; where
	// they differ, TrustPerson).
	Trust patchbay.Trust
	// Block is the oauth block (expand.OAuth); nil when there is none.
	Block *patchbay.OAuthConfig
	// Header is `oauth_headers`. It goes to origins that the definition itself names
	// (URL, Block, Issuer), never to one that was discovered.
	Header http.Header
	// PresetClientID and PresetClientSecret are OAUTH_<PROVIDER>_CLIENT_ID and _SECRET,
	// for a Block with a provider and without a client of its own.
	PresetClientID, PresetClientSecret string
	// Issuer, when set, is the one authorization server that the operator named. It must
	// be the one that the MCP server names, too. A client secret in Block goes to its
	// discovered token endpoint only with this.
	Issuer string
	// RedirectURI is our absolute callback address for this server.
	RedirectURI string
	// ClientDocument is the public https address of our client-id metadata document for
	// this server; empty when there is none.
	ClientDocument string
	// ClientName is shown by authorization servers; "patchbay" when empty.
	ClientName string
	// Observe is told of each step as it ends, for doctor; nil for nobody. It is called
	// by the goroutine that asked for the step.
	Observe func(Step)
	// Now is the clock; time.Now when nil.
	Now func() time.Time
}

// Client speaks to the authorization server of one definition.
type Client struct {
	opts   Options
	target *url.URL // http form of Options.URL, without query and fragment; nil for stdio
	block  patchbay.OAuthConfig
	preset *preset // nil when the block names none
	named  []string
	limit  time.Duration // of one exchange
}

// New returns a client for a definition. Its error is an *Error with reason
// bad_definition when the block cannot work.
func New(o Options) (*Client, error) {
	if o.HTTP == nil {
		return nil, errors.New("oauth: Options.HTTP is required")
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.ClientName == "" {
		o.ClientName = "patchbay"
	}
	c := &Client{opts: o, limit: ExchangeTimeout, target: resourceURL(o.URL), block: patchbay.OAuthConfig{SendResource: true, ForwardAudienceOnRefresh: true}}
	if o.Block != nil {
		c.block = *o.Block
	}
	if err := c.usePreset(); err != nil {
		return nil, err
	}
	if err := c.checkBlock(); err != nil {
		return nil, err
	}
	for _, s := range []string{c.block.AuthorizationURL, c.block.TokenURL, c.block.RevocationURL, o.Issuer} {
		if u, err := url.Parse(s); err == nil && u.Host != "" {
			c.named = append(c.named, originOf(u))
		}
	}
	if c.target != nil {
		c.named = append(c.named, originOf(c.target))
	}
	return c, nil
}

// names reports whether the definition itself names the origin of u.
func (c *Client) names(u *url.URL) bool { return slices.Contains(c.named, originOf(u)) }

// checkBlock refuses what config cannot see, because placeholders were not yet replaced.
func (c *Client) checkBlock() error {
	b := &c.block
	for _, e := range []struct{ key, value string }{
		{"authorization_url", b.AuthorizationURL}, {"token_url", b.TokenURL}, {"revocation_endpoint", b.RevocationURL},
	} {
		if e.value == "" {
			continue
		}
		if _, err := namedEndpoint(e.value); err != nil {
			return badBlock("oauth.%s %s. Correct it in the definition.", e.key, err)
		}
	}
	switch {
	case (b.AuthorizationURL == "") != (b.TokenURL == "") && !c.machine():
		return badBlock("oauth.authorization_url and oauth.token_url belong together. Give both or neither.")
	case b.ClientSecret != "" && b.ClientID == "":
		return badBlock("oauth.client_secret needs oauth.client_id beside it.")
	case b.ClientSecret != "" && b.TokenURL == "" && c.opts.Issuer == "":
		return badBlock("oauth.client_secret needs oauth.authorization_url and oauth.token_url beside it: a secret is never sent to an address that was discovered.")
	case c.target == nil && b.TokenURL == "":
		return badBlock("A server without url cannot be asked who guards it. Give oauth.provider, or oauth.authorization_url and oauth.token_url.")
	case b.TokenURL != "" && b.ClientID == "" && c.opts.ClientDocument == "" && c.preset == nil && c.target == nil:
		return badBlock("oauth.client_id is missing. Register patchbay at the authorization server, with %s as its redirect address, and put the id there.", c.opts.RedirectURI)
	}
	return nil
}

// machine reports whether nobody signs in: the client-credentials grant alone.
func (c *Client) machine() bool {
	return len(c.block.GrantTypes) == 1 && c.block.GrantTypes[0] == grantClientCredentials
}
