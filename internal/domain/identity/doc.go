// Package identity knows who people and firms are: accounts by phone, sign-in with text codes, names and ID numbers checked against the
// population registry, legal representatives acting for firms, staff sign-in with two factors, sessions, personal access tokens, and the
// forms that were being filled in when a session ended.
//
// Levels of a person: 0 declared at a window while the registry was away, 1 a phone that answered, 2 name and number confirmed by the
// registry. A dead person reaches none.
//
// Tables: identity_person, identity_account, identity_firm, identity_session, identity_token, identity_code, identity_credential,
// identity_limit, identity_stash. Events: [Verified], [Merged]. It asks org about staff and notify to send codes, both through what
// [Deps] names; everything above it may call it. Only identityweb holds its pages.
package identity
