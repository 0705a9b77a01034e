// Package pdftext reads the text of PDF files, as far as it can be read without drawing
// pages: text that is shown by fonts with a known encoding, in the order in which it is
// written. It reads no scanned pages, no forms and no encrypted files.
//
// It owns the small part of ISO 32000 that this takes, and bounds on everything a file
// can ask for: it is meant for files from strangers. It keeps no state; Text may be
// called concurrently.
package pdftext
