package api

import (
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"patchbay"
)

// who may call a route at all.
type who uint8

const (
	undeclared who = iota
	public         // anybody; why says why
	person         // whoever is signed in
	admin          // an account with the role ADMIN, or the operator
)

// cross says how a route treats requests that a page of another site makes.
type cross uint8

const (
	crossUndeclared cross = iota
	crossSafe             // it changes nothing; what it answers, other sites cannot read
	crossSameOrigin       // it changes something: on a cookie, or without any credential, only our own pages may
	crossAny              // other sites lead here on purpose
)

// limit says who bounds how often a route is called.
type limit uint8

const (
	limitUndeclared limit = iota
	limitNone             // cheap, and the same for everyone
	limitUser             // by us, per account
	limitLogin            // by auth, per account and address
	limitCalls            // by tools: mcpSettings.limits
)

// Body caps.
const (
	noBody   int64 = 4 << 10   // routes that take none: what a client may send all the same
	smallCap int64 = 64 << 10  // forms
	varsCap  int64 = 256 << 10 // variables, definitions
	callCap  int64 = 16 << 20  // arguments of a tool

	agentCap   int64 = 1 << 20  // an agent
	messageCap int64 = 2 << 20  // a message, without its files
	fileCap    int64 = 20 << 20 // one file
	v1Cap      int64 = 32 << 20 // a conversation with its pictures
)

// route is one row of the table.
type route struct {
	method, pattern string
	id              string // operation id
	summary         string
	who             who
	why             string              // public only: the reason
	operator        bool                // the operator may, without acting as somebody
	perm            patchbay.Permission // on the server that the path names
	scope           patchbay.Scope      // what an API token must have
	body            int64
	limit           limit
	cross           cross
	status          int    // of success; 0: 200, or 204 without a body
	hidden          bool   // not in the OpenAPI document
	later           bool   // its place is kept; answers CodeNotImplemented
	missing         string // the part that it needs and this host has not got; answers CodeNotImplemented
	handler         handler
	// refused answers a browser that the guard turned away, where JSON is of no use to a
	// person; nil: as everybody else.
	refused func(w http.ResponseWriter, r *http.Request, err error)
	// fail answers errors in the shape that clients of the route know; nil: in ours.
	fail func(w http.ResponseWriter, err error)
}

// handler is one of: plain, for bytes and streams, and typed, for JSON both ways.
type handler struct {
	plain func(w http.ResponseWriter, r *http.Request, c *caller)
	// document adds what OpenAPI is to say of a plain handler.
	document func(op *huma.Operation, schemas huma.Registry)
	typed    func(api huma.API, op huma.Operation)
}

// caller is who calls, and the server that the path names: what the guard has found out.
type caller struct {
	actor  patchbay.Actor
	server *patchbay.Server // nil on routes without permission
	token  string           // the credential, to ask again later
	cookie bool             // it came by cookie
	r      *http.Request
}

func (c *caller) user() (patchbay.UserID, error) {
	if id := c.actor.ID(); id != "" {
		return id, nil
	}
	return "", errActAsFirst()
}

func errActAsFirst() *patchbay.Error {
	return patchbay.Errorf(patchbay.CodeForbidden, "This belongs to a person; say which account you act as (--as EMAIL)")
}
