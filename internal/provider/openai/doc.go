// Package openai speaks OpenAI's two formats: Chat Completions, which every compatible
// endpoint has, and Responses, which OpenAI's reasoning models need to keep their
// reasoning from turn to turn. Azure's deployments are asked in the same formats at
// addresses of their own.
//
// It owns the translation to and from package patchbay's messages. Chat Completions is
// read and written by types of our own, because the SDK's cannot hold files, an empty
// answer of a tool, or the members that compatible endpoints add (reasoning_details,
// extra_content); Responses are written by the SDK's. It does not own retries, caps or the
// connection: package provider does.
//
// A Client and a Model may be used by many goroutines; all they remember is what schemas
// were lowered to.
package openai
