// Package anthropic speaks Anthropic's Messages: requests by the SDK's types, the stream
// by a reader of our own, so that thinking, its signatures and blocks that nobody here
// knows go back exactly as they came.
//
// It owns the translation to and from package patchbay's messages, the places of cache
// breakpoints and what becomes of an effort on models of different ages. It does not own
// retries, caps or the connection: package provider does.
//
// A Client and a Model do not change and may be used by many goroutines.
package anthropic
