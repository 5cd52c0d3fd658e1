package identity

import (
	"encoding/base64"

	"tongban/internal/engine/cnid"
)

const phoneTicket = "identity_account.ticket.phone"

// PhoneTicket seals a phone for the address of the second step of signing in, so that the number stands neither in the browser's history nor in
// a proxy's log. Errors: Invalid (field "phone").
func (s *Service) PhoneTicket(phone string) (string, error) {
	mobile, err := cnid.ParseMobile(phone)
	if err != nil {
		return "", invalid(finding(nil, "phone", err))
	}
	return base64.RawURLEncoding.EncodeToString(s.v.SealText(phoneTicket, mobile)), nil
}

// PhoneOf undoes PhoneTicket; it gives nothing for a ticket that is not ours.
func (s *Service) PhoneOf(ticket string) string {
	b, err := base64.RawURLEncoding.DecodeString(ticket)
	if err != nil {
		return ""
	}
	phone, err := s.v.OpenText(phoneTicket, b)
	if err != nil {
		return ""
	}
	return phone
}
