// Package identityweb is the pages and API of identity: every way of signing in (code by text message, password, passkey, scanned code,
// certificate), the second factor, stepping up to a higher level or a fresh proof and back to what was typed, recovering an account, the lock of
// staff pages, one's identity and devices, acting for others, and access tokens. It gives package app what web.Config asks of it:
// [Handler.Actor], [Handler.SignIn] and [Handler.StepUp], and rooms that end in a sign-in [Handler.From] and [Handler.Finish]. Everything works
// without scripts but passkeys. It holds no SQL and no rules.
package identityweb
