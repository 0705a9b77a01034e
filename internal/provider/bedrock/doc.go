// Package bedrock speaks Amazon Bedrock's ConverseStream: requests by types of its own,
// signed by AWS's own code, and the binary event stream through AWS's own decoder, with
// caps before it.
//
// It owns the translation to and from package patchbay's messages, the forms of
// credentials, and what the families of models behind the one format take. It does not
// own retries, caps or the connection: package provider does.
//
// A Client and a Model may be used by many goroutines; all they remember is what schemas
// were lowered to.
package bedrock
