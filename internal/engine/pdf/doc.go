// Package pdf renders legal papers and licences as PDF from a layout that is data.
//
// It owns the layout language (Layout, Block), the line breaker for Chinese, the drawing of agency seals and a small PDF writer that
// embeds a subset of one font (LXGW WenKai, SIL OFL 1.1, folder font/). The writer makes a classic cross-reference table, which engine/seal
// extends, full UTF-16 ToUnicode maps, so that names beyond the basic plane copy rightly, and the same bytes for the same input.
//
// The package is pure: no clock, no files, no database, no network. It owns no tables and sends no events. Any package above the engines
// may call it; it imports only the standard library, base/errs, SM3 and a QR encoder.
package pdf
