package bedrock

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"patchbay"
	"patchbay/internal/provider"
)

// Credentials are what AWS knows a caller by: a key that signs, or a Bedrock API key that
// is sent as it is.
type Credentials struct {
	AccessKeyID     string `json:"accessKeyId"`
	SecretAccessKey string `json:"secretAccessKey"`
	SessionToken    string `json:"sessionToken"` // of keys that expire
	Bearer          string `json:"bearerToken"`
}

// ParseKey reads the forms in which credentials are kept as one secret: the JSON object
// that LibreChat keeps ({"accessKeyId", "secretAccessKey", "sessionToken"}),
// ID:SECRET or ID:SECRET:TOKEN, or else a Bedrock API key.
func ParseKey(key provider.Key) (Credentials, error) {
	text := strings.TrimSpace(key.Reveal())
	var c Credentials
	switch {
	case strings.HasPrefix(text, "{"):
		if json.Unmarshal([]byte(text), &c) != nil {
			return Credentials{}, badKey("it is not the JSON it looks like")
		}
	case isKeyID(text):
		parts := strings.SplitN(text, ":", 3)
		c.AccessKeyID = parts[0]
		if len(parts) > 1 {
			c.SecretAccessKey = parts[1]
		}
		if len(parts) > 2 {
			c.SessionToken = parts[2]
		}
	default:
		c.Bearer = text
	}
	if c.Bearer == "" && (c.AccessKeyID == "" || c.SecretAccessKey == "") {
		return Credentials{}, badKey("it needs an access key id and a secret access key, ID:SECRET, or a Bedrock API key")
	}
	return c, nil
}

func badKey(why string) error {
	return &patchbay.ModelError{Kind: patchbay.ModelAuth, Message: "the AWS key cannot be used: " + why}
}

// isKeyID reports whether a text begins with an id of an access key, AKIA… or ASIA….
func isKeyID(text string) bool {
	id, _, _ := strings.Cut(text, ":")
	if len(id) < 16 || len(id) > 128 || !strings.HasPrefix(id, "AKIA") && !strings.HasPrefix(id, "ASIA") {
		return false
	}
	for i := 0; i < len(id); i++ {
		if c := id[i]; (c < 'A' || c > 'Z') && (c < '0' || c > '9') {
			return false
		}
	}
	return true
}

// signer signs requests with Signature Version 4.
func (c *Credentials) signer(region string) func(req *http.Request, body []byte) error {
	creds := aws.Credentials{AccessKeyID: c.AccessKeyID, SecretAccessKey: c.SecretAccessKey, SessionToken: c.SessionToken}
	signer := v4.NewSigner()
	return func(req *http.Request, body []byte) error {
		sum := sha256.Sum256(body)
		return signer.SignHTTP(req.Context(), creds, req, hex.EncodeToString(sum[:]), "bedrock", region, time.Now())
	}
}
