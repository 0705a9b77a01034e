// Package web serves the files of the UI, which are inside the binary: what `make ui`
// built into dist, or, when nothing was built, plain pages for setup, login and a list of
// servers.
//
// It owns cache classes, the pages' content security policy and which paths lead to a
// page. It does not own data: pages get that from the REST API. A Site is never changed
// after New and may be used by many goroutines.
package web
