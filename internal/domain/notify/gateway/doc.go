// Package gateway speaks with providers of text messages over HTTPS. Requests are JSON in a POST; the header X-Signature holds the HMAC-SHA256,
// in hex, over a word for the purpose (send, report, delivery), a line feed and the body. Body fields timestamp (Unix seconds) and nonce keep a
// copied request from being taken twice. It owns no tables. Package app makes one gateway for each configured provider and hands them to
// notify; the page of notifyweb reads the delivery reports that come in.
package gateway
