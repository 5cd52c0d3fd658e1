// Package identityweb is the pages and API of identity: signing in and out, stepping up, my data, acting for a firm, access tokens, who saw
// my data, and the way back to a form that a session's end interrupted. It gives package app what web.Config asks of it: [Handler.Actor] and
// [Handler.SignIn]. It holds no SQL and no rules.
package identityweb
