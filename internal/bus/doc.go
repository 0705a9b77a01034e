// Package bus carries events between the parts of one process.
//
// Its contract, on which every subscriber may rely:
//
//   - An event is a hint that something changed. The truth is in the store or in the
//     live connection; whoever loses an event repairs itself by reading.
//   - Events of one publisher (one goroutine) arrive in the order it published them.
//     Events of different publishers have no order among each other.
//   - Publish never blocks and never fails. It calls each subscription's want filter
//     on the publisher's goroutine, so a filter must be quick and must not publish.
//   - A subscription holds at most its buffer of events. One that falls behind is
//     disconnected: what it holds can still be read, then its channel closes and Lost
//     reports true. It must refetch what it shows and subscribe anew.
//   - Nothing is kept for subscribers that come later.
//
// It owns no goroutine. All methods may be called from many goroutines at a time. It
// does not own who may see an event: the doors decide that.
package bus
