package sso

import "errors"

// Error is an answer to a client's program, as RFC 6749 §5.2 and OpenID Connect Core §3.1.2.6 name it. The text is English for developers
// and holds nothing of a person.
type Error struct {
	Code   string // invalid_grant and the like
	Text   string
	Status int // HTTP status at an endpoint; 0 = 400
}

// Error gives code and text.
func (e *Error) Error() string { return e.Code + ": " + e.Text }

// AsError gives the first *Error in the chain, or nil.
func AsError(err error) *Error {
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	return nil
}

// The codes of the protocol that are used in several places.
const (
	InvalidRequest = "invalid_request"
	InvalidClient  = "invalid_client"
	InvalidGrant   = "invalid_grant"
	InvalidToken   = "invalid_token"
	InvalidScope   = "invalid_scope"
	AccessDenied   = "access_denied"
	LoginRequired  = "login_required"
	// Unmet is the error of the OpenID extension "Unmet Authentication Requirements 1.0": the level asked for cannot be reached.
	Unmet = "unmet_authentication_requirements"
)

func bad(text string) *Error          { return &Error{Code: InvalidRequest, Text: text} }
func badClient(text string) *Error    { return &Error{Code: InvalidClient, Text: text, Status: 401} }
func badGrant(text string) *Error     { return &Error{Code: InvalidGrant, Text: text} }
func refuse(code, text string) *Error { return &Error{Code: code, Text: text} }
func badToken(text string) *Error     { return &Error{Code: InvalidToken, Text: text, Status: 401} }
