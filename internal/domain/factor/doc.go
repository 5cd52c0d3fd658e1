// Package factor is what an account holder knows, has and signs with: passwords (argon2id), authenticator apps, passkeys (WebAuthn), certificates
// (RSA, ECDSA, SM2), recovery codes, and the second key with which a declaration is signed. It knows no people: an owner is "person:<id>" or
// "staff:<id>". It judges factors; who may sign in, how often one may try and what level a factor gives is decided by the identity room.
//
// It owns factor_password, factor_totp, factor_handle, factor_passkey, factor_challenge, factor_certificate, factor_recovery, factor_try and
// factor_signature. It sends and hears no events; every change is audited as factor.<what> and told to the owner through Deps.Tell. The rooms
// above it may call it; its pages are in factorweb. VerifyEvidence is pure and judges a signature offline.
package factor
