// Package push posts the messages of webhooks and keeps them out of our own network: every address a name leads to is looked up and judged, and the
// connection is made to the address that was judged, so that a name that changes its answer (DNS rebinding) gains nothing. Redirects are not followed,
// proxies of the environment are not used, little is read of an answer and not for long. It owns no tables; package app hands a Sender to webhook.
package push
