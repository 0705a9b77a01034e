// Package hostkit starts patchbay as people run it, for tests of the whole: it builds the
// program once, gives an instance a folder, accounts and a configuration, waits until it
// is ready, and ends it.
//
// It owns processes and their folders, and knows nothing of what a test does with them.
// Its types are for one goroutine at a time, but for Log and Program.
package hostkit
