// Package identity knows who people and firms are and lets them in: accounts by phone; sign-in by text message, password, passkey, certificate,
// QR code and outside provider; staff by password or directory and a second factor; steps up to a higher level; sessions and devices; getting an
// account back; legal representatives and mandate holders acting for others; personal access tokens; and the forms that were being filled in when
// a session ended. What is typed or signed is judged by the room of factors; this room decides who may try, how often, and what it is worth.
//
// Levels: 0 declared at a window while the registry was away, 1 a phone that answered, 2 name and number confirmed by the registry, 3 a face check
// or a counter, 4 a certificate, or a passkey of somebody whom a counter has seen. They are data, see [Proof]; a session's is worked out from them
// at every request. A session that an outside provider opened has the provider's level and what was proved in it. A dead person reaches none.
//
// Tables: identity_person, identity_account, identity_firm, identity_proof, identity_session, identity_device, identity_step, identity_qr,
// identity_outside, identity_face, identity_token, identity_code, identity_limit, identity_stash, and identity_credential, which is only read.
// Events: [Verified], [Merged], [SessionEnded], [Died]. It hears org's StaffChanged. It asks org about staff, the room of factors, the registries,
// a face provider, a directory and the room of mandates through what [Deps] names; everything above it may call it. Only identityweb holds its
// pages.
package identity
