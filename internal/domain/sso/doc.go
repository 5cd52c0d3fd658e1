// Package sso makes Tongban the OpenID Connect provider of every department's own system: it knows the systems that sign in here, which two
// security officers admitted; who agreed to tell a system what; the codes, tokens and keys of the protocol; and whom to tell when somebody
// signs out. The rules are OpenID Connect Core 1.0, RFC 6749, 7009, 7523, 7636, 7662, 9068 (not used: access tokens are opaque), 9207, RP-Initiated
// and Back-Channel Logout 1.0, narrowed to the authorization code with PKCE.
//
// Tables: sso_client (systems), sso_proposal (what one officer asked and another decided), sso_key (our signing keys, private parts sealed),
// sso_version (moves with every change of clients or keys, so that each node's copy of them is checked with one small read), sso_parked
// (requests that wait for a sign-in or a consent), sso_consent, sso_grant (one sign-in of one person to one system), sso_token (hashes of
// access and refresh tokens), sso_assertion (client assertions that were used). A code is not a row: it is sealed data that only our key file
// opens, and using it makes the grant.
//
// It tells no events. It hears identity.session_ended, identity.died and identity.merged. People are asked through [People], so that
// nothing here depends on how they are kept. Pages and endpoints are in ssoweb; package backchannel sends logout tokens.
package sso
