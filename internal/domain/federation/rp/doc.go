// Package rp is a relying party of OpenID Connect: it finds a provider (Discovery 1.0), sends people there (authorization code flow with PKCE S256,
// RFC 7636), swaps the code (client_secret_basic, or private_key_jwt of RFC 7523) and checks the answer: issuer (RFC 9207 too), audience, expiry,
// nonce, auth_time, and a signature by an asymmetric key the provider publishes. Unsigned tokens and HMAC are never believed. It is a
// federation.Party, owns no tables and keeps nothing but what providers publish, for an hour.
package rp
