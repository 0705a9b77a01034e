// Package httpkit holds what every HTTP door of the host does the same way: the one
// table of error codes and statuses, the error answer, decoding a JSON body with a cap,
// the event-stream writer, and who the client is behind trusted proxies.
//
// It does not own routes, authentication or permissions. Functions keep no state and may
// be called from many goroutines; a Stream belongs to one.
package httpkit
