// Package federationweb is the way to an outside sign-in platform and back, the address of our public keys, and the security officer's pages on which
// platforms are set up. It holds no SQL; it calls federation and is mounted by package app.
package federationweb
