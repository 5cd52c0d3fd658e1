package sso

// The addresses of the protocol below the issuer.
const (
	PathDiscovery  = "/.well-known/openid-configuration"
	PathAuthorize  = "/oauth/authorize"
	PathToken      = "/oauth/token"
	PathUserInfo   = "/oauth/userinfo"
	PathIntrospect = "/oauth/introspect"
	PathRevoke     = "/oauth/revoke"
	PathKeys       = "/oauth/keys"
	PathLogout     = "/oauth/logout"
	PathResume     = "/oauth/resume/"
	PathConsent    = "/oauth/consent/"
)
