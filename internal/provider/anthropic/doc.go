// Package anthropic speaks Anthropic's Messages: requests by the SDK's types, the stream
// by a reader of our own, so that thinking, its signatures and blocks that nobody here
// knows go back exactly as they came.
//
// It owns the translation to and from package patchbay's messages, the places of cache
// breakpoints and what becomes of an effort on models of different ages. It does not own
// retries, caps or the connection: package provider does.
//
// A Client and a Model may be used by many goroutines; all they remember is what schemas
// were lowered to.
package anthropic
