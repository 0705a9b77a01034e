package oauth

import "time"

// SetTimeout shortens the exchanges of a client that is not in use yet.
func (c *Client) SetTimeout(d time.Duration) { c.limit = d }

// ReadToken is what becomes of a token endpoint's answer.
func (c *Client) ReadToken(body []byte, contentType string, now time.Time) (*Token, error) {
	r := &reply{status: 200, header: map[string][]string{"Content-Type": {contentType}}, body: body}
	return c.readToken(unform(r), now)
}

// JudgeMetadata is what becomes of an authorization server's metadata.
func (c *Client) JudgeMetadata(body []byte) (*AuthServer, error) {
	var m serverMetadata
	if err := decode(body, &m); err != nil {
		return nil, err
	}
	as, e := c.judge(&m)
	if e != nil {
		return nil, e
	}
	return as, nil
}
