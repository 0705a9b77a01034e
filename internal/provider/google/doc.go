// Package google speaks the Gemini API's generateContent: requests and the stream by types
// of its own, so that parts go back with their thought signatures as they came, and parts
// that nobody here knows go back whole.
//
// It owns the translation to and from package patchbay's messages, and what becomes of an
// effort on models of different ages. It does not own retries, caps or the connection:
// package provider does.
//
// A Client and a Model may be used by many goroutines; all they remember is what schemas
// were lowered to.
package google
