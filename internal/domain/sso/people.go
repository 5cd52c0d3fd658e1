package sso

import (
	"context"
	"time"

	"tongban/internal/base/authz"
)

// Auth is how and when a session was proved; its fields are those of identity.Auth.
type Auth struct {
	SessionID, PersonID, StaffID string
	Level                        int
	AMR                          []string // RFC 8176 where it has a word
	At                           time.Time
	Open                         bool
}

// Person is what a system may come to know of somebody.
type Person struct {
	Name, Number, NumberKind string
	Sex, Birth               string // male or female; YYYY-MM-DD
	VerifiedAt               time.Time
	Alive                    bool
}

// Firm is a firm that is acted for.
type Firm struct{ Name, CreditCode string }

// Staff is a staff account with its agency and posts.
type Staff struct {
	Name, Agency, AgencyName, Region string
	Posts                            []string
	Disabled                         bool
}

// People is what sso asks the rooms that know people; package app makes one of identity, org and mandate.
type People interface {
	// Auth tells about a session; one that is unknown or has ended is not Open, and no error.
	Auth(ctx context.Context, sessionID string) (Auth, error)
	// Person gives a person; errs.NotFound if there is none.
	Person(ctx context.Context, id string) (Person, error)
	// Firm gives a firm; errs.NotFound if there is none.
	Firm(ctx context.Context, id string) (Firm, error)
	// Staff gives a staff account; errs.NotFound if there is none.
	Staff(ctx context.Context, id string) (Staff, error)
	// MayAct tells whether a person may act for a firm or person ("firm", "person") now, and what the mandate covers (nil = everything).
	MayAct(ctx context.Context, personID, kind, principalID string) (*authz.Scope, bool, error)
}

// Owner is whose sign-in it is: a person or a staff account, as "person:<id>" or "staff:<id>".
func owner(personID, staffID string) string {
	if personID != "" {
		return "person:" + personID
	}
	return "staff:" + staffID
}
