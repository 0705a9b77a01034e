package oauth

// MaxStepUps is how many times in a row a server may ask for more scopes before it is
// taken at its word that it refuses.
const MaxStepUps = 3

// Scopes decides what to ask for: what the challenge names, else what the resource's
// metadata lists, else what is configured; together with what was granted before, so
// that a step-up loses nothing; and offline_access when the authorization server lists
// it. Nil means that the parameter is left out.
func (c *Client) Scopes(d *Discovery, granted []string) []string { return nil }

// StepUp says what to ask for after an insufficient_scope: the union of what was granted
// and what is wanted. again is false when that gains nothing, or when the server was
// obeyed MaxStepUps times already: then the refusal is final.
func StepUp(granted []string, ch Challenge, tries int) (scopes []string, again bool) {
	return nil, false
}
