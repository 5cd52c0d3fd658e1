// Package federation lets people sign in with an outside OpenID Connect provider, such as the platform of their province. It owns
// federation_provider (who may vouch for people here, and what their word is worth), federation_proposal (changes waiting for a second security
// officer), federation_state (sign-ins under way: sealed, once, ten minutes, bound to a browser) and federation_key (our own signing keys, sealed).
//
// Only the authorization code flow with PKCE S256, state and nonce is spoken; package rp speaks it. A provider's acr becomes a level of ours by the
// provider's own table, and by nothing else: an acr that stands in no table is the lowest level. It ends in identity.SignInOutside.
//
// It tells no events. Its pages (federationweb) and package app call it; it asks identity through Door.
package federation
