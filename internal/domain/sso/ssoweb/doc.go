// Package ssoweb is the OpenID Connect endpoints and their pages: discovery, keys, authorization, consent, tokens, userinfo, introspection,
// revocation and logout; 我授权过谁 for people; and the desk where security officers admit systems. It owns no tables; package app mounts Routes.
//
// Some routes take what other sites send and are exempt from the refusal of cross-origin posts: the token, introspection and revocation
// endpoints trust the client's own proof and no cookie; userinfo trusts the access token; a posted authorization or logout request is only
// turned into a GET of ours, which then asks the person. One page may send a form to another site: the answer by form_post, to the one
// registered address. Nothing redirects a form post of ours to another site, because a strict Content-Security-Policy counts that as
// sending the form there: an ordinary page leads on instead.
package ssoweb
