package api

import (
	"errors"
	"strings"

	"patchbay"
)

// complete reports what a row leaves open. Nothing is open by default: a new route that
// forgets a column keeps the host from starting.
func (rt *route) complete() error {
	unsafe := rt.method != "GET" && rt.method != "HEAD"
	named := strings.Contains(rt.pattern, "{serverName}")
	switch {
	case rt.id == "" || rt.summary == "":
		return errors.New("it has no id or summary")
	case rt.who == undeclared, rt.cross == crossUndeclared, rt.limit == limitUndeclared, rt.body == 0:
		return errors.New("it does not declare who may call it, its cross-origin class, its limit or its body cap")
	case rt.who == public && rt.why == "":
		return errors.New("a public route needs a reason")
	case rt.who == public && (rt.perm != 0 || rt.scope != "" || rt.operator):
		return errors.New("a public route has no actor to ask for a permission or scope")
	case rt.who != public && rt.scope == "":
		return errors.New("it does not declare the scope that an API token needs")
	case rt.who == admin && rt.scope != patchbay.ScopeAdmin:
		return errors.New("an admin's route needs the scope admin")
	case unsafe && rt.cross == crossSafe:
		return errors.New("a method that changes something is not safe for other sites")
	case named && rt.who != public && rt.perm == 0:
		return errors.New("it names a server, and declares no permission on it")
	case !named && rt.perm != 0:
		return errors.New("it declares a permission, and names no server")
	case (rt.handler.plain == nil) == (rt.handler.typed == nil):
		return errors.New("it needs one handler")
	}
	return nil
}
