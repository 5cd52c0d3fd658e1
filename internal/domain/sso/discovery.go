package sso

import (
	"github.com/zitadel/oidc/v3/pkg/oidc"
)

// Discovery is the provider's description of itself (OpenID Connect Discovery 1.0 §3, RFC 8414). It says exactly what is done here: the
// members that the library's own document fixes or leaves out stand in the outer struct.
type Discovery struct {
	oidc.DiscoveryConfiguration
	RequestParameter  bool     `json:"request_parameter_supported"`
	ClaimsParameter   bool     `json:"claims_parameter_supported"`
	IssInResponse     bool     `json:"authorization_response_iss_parameter_supported"`
	Prompts           []string `json:"prompt_values_supported"`
	UILocales         []string `json:"ui_locales_supported"`
	RequireRequestURI bool     `json:"require_request_uri_registration"`
}

// Discovery gives the document.
func (s *Service) Discovery() Discovery {
	confidential := []oidc.AuthMethod{AuthKey, AuthSecret}
	methods := append(append([]oidc.AuthMethod{}, confidential...), AuthNone)
	algs := append([]string{}, "ES256", "RS256", SM2)
	d := Discovery{IssInResponse: true, Prompts: prompts, UILocales: []string{"zh-CN", "en"}}
	d.DiscoveryConfiguration = oidc.DiscoveryConfiguration{
		Issuer:                s.Issuer,
		AuthorizationEndpoint: s.Issuer + PathAuthorize,
		TokenEndpoint:         s.Issuer + PathToken,
		UserinfoEndpoint:      s.Issuer + PathUserInfo,
		IntrospectionEndpoint: s.Issuer + PathIntrospect,
		RevocationEndpoint:    s.Issuer + PathRevoke,
		EndSessionEndpoint:    s.Issuer + PathLogout,
		JwksURI:               s.Issuer + PathKeys,

		ScopesSupported:                  Scopes,
		ResponseTypesSupported:           []string{"code"},
		ResponseModesSupported:           []string{ByQuery, ByForm},
		GrantTypesSupported:              []oidc.GrantType{"authorization_code", "refresh_token"},
		ACRValuesSupported:               []string{acrName + "1", acrName + "2", acrName + "3", acrName + "4"},
		SubjectTypesSupported:            []string{"pairwise"},
		IDTokenSigningAlgValuesSupported: Algs,
		CodeChallengeMethodsSupported:    []oidc.CodeChallengeMethod{"S256"},
		ClaimTypesSupported:              []string{"normal"},
		ClaimsSupported: []string{
			"sub", "iss", "aud", "exp", "iat", "auth_time", "nonce", "acr", "amr", "at_hash", "sid", "name", "account_type", "birthdate", "gender", "verified_at", "id_number", "id_type", "org", "mandate",
		},
		TokenEndpointAuthMethodsSupported:                  methods,
		TokenEndpointAuthSigningAlgValuesSupported:         algs,
		RevocationEndpointAuthMethodsSupported:             methods,
		RevocationEndpointAuthSigningAlgValuesSupported:    algs,
		IntrospectionEndpointAuthMethodsSupported:          confidential,
		IntrospectionEndpointAuthSigningAlgValuesSupported: algs,
		BackChannelLogoutSupported:                         true,
		BackChannelLogoutSessionSupported:                  true,
	}
	return d
}
