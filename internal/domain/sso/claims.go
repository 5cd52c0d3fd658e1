package sso

import (
	"context"
	"errors"
	"slices"
	"strings"

	"tongban/internal/base/audit"
	"tongban/internal/base/authz"
	"tongban/internal/base/errs"
	"tongban/internal/base/ident"
)

// holder is whose sign-in a grant is.
type holder struct {
	person Person
	staff  Staff
	isOne  bool // a person, not staff
}

// holder gives who signed in; ok is false for somebody who died, was merged away or was disabled.
func (s *Service) holder(ctx context.Context, g grant) (holder, bool, error) {
	var h holder
	var err error
	id, isPerson := strings.CutPrefix(g.owner, "person:")
	if isPerson {
		h.isOne = true
		h.person, err = s.People.Person(ctx, id)
		return h, err == nil && h.person.Alive, passing(err)
	}
	h.staff, err = s.People.Staff(ctx, strings.TrimPrefix(g.owner, "staff:"))
	return h, err == nil && !h.staff.Disabled, passing(err)
}

// passing lets errors through but for NotFound, which is an answer.
func passing(err error) error {
	if errs.KindOf(err) == errs.NotFound {
		return nil
	}
	return err
}

// acting gives the scope within which whoever signed in acts for another now; ok is false once the mandate has ended, or once somebody else is the
// legal representative of the firm.
func (s *Service) acting(ctx context.Context, g grant) (*authz.Scope, bool, error) {
	if g.firmID == "" && g.forPerson == "" {
		return nil, true, nil
	}
	kind, id := "firm", g.firmID
	if g.forPerson != "" {
		kind, id = "person", g.forPerson
	}
	return s.People.MayAct(ctx, strings.TrimPrefix(g.owner, "person:"), kind, id)
}

// good finds the grant of an access token that is good now; ok is false for any other.
func (s *Service) good(ctx context.Context, access string) (g held, c Client, ok bool, err error) {
	if !strings.HasPrefix(access, accessMark) || len(access) > 100 {
		return held{}, Client{}, false, nil
	}
	h, err := findToken(ctx, s.DB.R(), hashOf(access))
	if errors.Is(err, errNoToken) {
		return held{}, Client{}, false, nil
	}
	if err != nil {
		return held{}, Client{}, false, err
	}
	if h.kind != accessKind || h.used || h.g.ended || !s.Now().Before(h.until) {
		return held{}, Client{}, false, nil
	}
	c, active, err := s.active(ctx, h.g.clientID)
	return h, c, active, err
}

// Claims is the answer of the userinfo endpoint.
type Claims map[string]any

// UserInfo answers the userinfo endpoint for an access token (OpenID Connect Core §5.3). Every release of a person's data is on record under
// the blind index of their number before it leaves, so that they see it under 谁看过我的信息. An *Error invalid_token means 401.
func (s *Service) UserInfo(ctx context.Context, access, origin string) (Claims, error) {
	h, c, ok, err := s.good(ctx, access)
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, badToken("the access token is unknown, has expired or was revoked")
	}
	who, ok, err := s.holder(ctx, h.g)
	if err != nil {
		return nil, err
	}
	scope, may, err := s.acting(ctx, h.g)
	if err != nil {
		return nil, err
	}
	if !ok || !may {
		return nil, badToken("the person or the mandate is no longer good")
	}
	out, what := Claims{"sub": h.g.sub}, []string(nil)
	has := func(sc string) bool { _, reg := c.Scopes[sc]; return reg && slices.Contains(h.g.scopes, sc) }
	if has("profile") {
		what = append(what, profile(out, who))
		out["auth_time"] = h.g.auth.Unix()
		if a := acr(h.g.level); a != "" {
			out["acr"] = a
		}
	}
	if has("identity") && who.isOne {
		number, err := s.mayNumber(ctx, h.g, c)
		if err != nil {
			return nil, err
		}
		what = append(what, identityClaims(out, who.person, number)...)
	}
	if has("org") {
		if err := s.org(ctx, out, h.g, who); err != nil {
			return nil, err
		}
	}
	if has("mandate") && h.g.mandateID != "" {
		if err := s.mandate(ctx, out, h.g, c, scope, origin); err != nil {
			return nil, err
		}
	}
	return out, s.released(ctx, c, who, what, origin)
}

// mayNumber reports whether the ID number goes with a grant: the client was allowed it, and the person agreed to it. A client that was allowed it after
// the sign-in must ask first.
func (s *Service) mayNumber(ctx context.Context, g grant, c Client) (bool, error) {
	if !c.Number {
		return false, nil
	}
	had, err := findConsent(ctx, s.DB.R(), g.owner, c.ID)
	return slices.Contains(had.Scopes, "number"), err
}

// released records what of a person a system was told. A person without a number has no line in the record of others.
func (s *Service) released(ctx context.Context, c Client, who holder, what []string, origin string) error {
	if !who.isOne || len(what) == 0 {
		return nil
	}
	e := audit.Entry{ID: ident.New(), Actor: "client:" + c.ID, Object: "client:" + c.ID, What: strings.Join(what, ","), Via: "api", Agency: c.Agency}
	if who.person.Number != "" {
		e.Subject = s.Vault.Blind("subject", who.person.Number) // as identity.SubjectOf
	}
	if slices.Contains(what, "sso.data_number") {
		e.Reason = c.NumberBasis
	}
	return s.Audit.Read(ctx, e.From(s.Vault, origin))
}

func profile(out Claims, who holder) string {
	name, kind := who.staff.Name, "staff"
	if who.isOne {
		name, kind = who.person.Name, "person"
	}
	out["account_type"] = kind
	if name != "" {
		out["name"] = name
	}
	return "sso.data_name"
}

func identityClaims(out Claims, p Person, number bool) []string {
	what := []string{"sso.data_birth"}
	for claim, v := range map[string]string{"birthdate": p.Birth, "gender": p.Sex} {
		if v != "" {
			out[claim] = v
		}
	}
	if !p.VerifiedAt.IsZero() {
		out["verified_at"] = p.VerifiedAt.Unix()
	}
	if number && p.Number != "" {
		out["id_number"], out["id_type"] = p.Number, p.NumberKind
		what = append(what, "sso.data_number")
	}
	return what
}

// org tells the firm acted for, or the agency and posts of staff.
func (s *Service) org(ctx context.Context, out Claims, g grant, who holder) error {
	if !who.isOne {
		out["org"] = map[string]any{"type": "agency", "code": who.staff.Agency, "name": who.staff.AgencyName, "region": who.staff.Region, "posts": append([]string{}, who.staff.Posts...)}
		return nil
	}
	if g.firmID == "" {
		return nil
	}
	f, err := s.People.Firm(ctx, g.firmID)
	if err != nil {
		return passing(err)
	}
	role := "legal_representative"
	if g.mandateID != "" {
		role = "agent"
	}
	out["org"] = map[string]any{"type": "firm", "code": f.CreditCode, "name": f.Name, "role": role}
	return nil
}

// mandate tells for whom the person acts and within what; sub stays the person who acts.
func (s *Service) mandate(ctx context.Context, out Claims, g grant, c Client, scope *authz.Scope, origin string) error {
	if scope == nil {
		scope = &authz.Scope{Items: []string{"*"}, Acts: []string{"*"}}
	}
	principal := map[string]any{"type": "firm"}
	if g.forPerson != "" {
		p, err := s.People.Person(ctx, g.forPerson)
		if err != nil {
			return passing(err)
		}
		principal = map[string]any{"type": "person", "sub": s.sub(c, "person:"+g.forPerson), "name": p.Name}
		if e := (holder{person: p, isOne: true}); p.Number != "" {
			if err := s.released(ctx, c, e, []string{"sso.data_name"}, origin); err != nil {
				return err
			}
		}
	} else {
		f, err := s.People.Firm(ctx, g.firmID)
		if err != nil {
			return passing(err)
		}
		principal["code"], principal["name"] = f.CreditCode, f.Name
	}
	out["mandate"] = map[string]any{"actor": map[string]any{"sub": g.sub}, "principal": principal, "scope": map[string]any{"items": scope.Items, "acts": scope.Acts}}
	return nil
}
