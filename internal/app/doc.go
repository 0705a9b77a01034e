// Package app builds every part of the host and runs it: the one place that knows how
// all fits together. It owns the order of starting and stopping, the adapters between
// packages of equal floors, and what a new configuration changes. It decides nothing
// else.
//
// New builds, Run serves until its context ends, Close frees what New took. Run is
// called once.
package app
