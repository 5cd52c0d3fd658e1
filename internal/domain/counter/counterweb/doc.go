// Package counterweb is the pages and the API of the counter: today's visitors, one visitor with everything they came for, printing of receipts, the
// shift, and the page a visitor's phone opens to send photographs. It owns no tables; package app mounts Routes and API. Only the pages that read
// documents may connect to the local agent, and only to its configured address.
package counterweb
