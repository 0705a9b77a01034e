// Package ui drives the built UI in a real browser, against the real binary.
//
// It owns the browser script beside it, the instances that the script talks to, and
// the TypeScript types of the REST API, which are derived here from the description that a
// running instance gives. It owns nothing of the product. Its tests run one after the
// other: each has an instance of its own.
package ui
