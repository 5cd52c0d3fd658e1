package identity

import (
	"context"
	"time"

	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/ident"
	"tongban/internal/domain/notify"
)

// SignedIn is how far a sign-in came. With Token it is done; otherwise Ticket is for [Service.SecondFactor] and Needs lists the ways of which one
// will do.
type SignedIn struct {
	Token      string
	Ticket     string
	Needs      []string
	MustChange bool // the password must be changed first: until then the session opens the account itself and nothing else
	MustEnrol  bool // an administrator must register a passkey or certificate first, likewise
	Staff      bool
	PersonID   string // of a person who is signed in
}

// opening is a sign-in in which everything that was needed has been proved.
type opening struct {
	personID, staffID string
	amr               string
	authAt            time.Time // zero = now
	issuer            string    // of a federated session
	limited           string
	own               []Proof // that count in this session only
	deviceKey         string
	agent, origin     string
	demo              bool // a shared account: no device is noted, nobody warned, and no session of others ends
}

func (o opening) from(s *Service, f From) opening {
	o.deviceKey, o.agent, o.origin = s.deviceKey(f.Device), f.Agent, f.Origin
	return o
}

// open adds the session, notes the device, warns of a new one and ends the oldest sessions beyond the limit.
func (s *Service) open(ctx context.Context, tx *db.Tx, now time.Time, o opening) (token string, err error) {
	se := session{id: ident.New(), personID: o.personID, staffID: o.staffID, amr: o.amr, issuer: o.issuer, limited: o.limited, authAt: o.authAt}
	if se.authAt.IsZero() || se.authAt.After(now) {
		se.authAt = now
	}
	to, number, err := s.addressee(ctx, tx, se)
	if err != nil {
		return "", err
	}
	fresh := false
	if !o.demo {
		se.deviceKey = o.deviceKey
		if se.deviceID, fresh, err = keepDevice(ctx, tx, now, se.owner(), o.deviceKey); err != nil {
			return "", err
		}
	}
	if token, err = s.insertSession(ctx, tx, now, se, o.agent, o.origin); err != nil {
		return "", err
	}
	for _, p := range o.own {
		p.Session, p.VerifiedAt = se.id, now
		if err := addProof(ctx, tx, o.personID, p); err != nil {
			return "", err
		}
	}
	if fresh {
		if err := s.warnNewDevice(ctx, tx, now, to, se.id, o.agent); err != nil {
			return "", err
		}
	}
	if !o.demo {
		if err := keepNewest(ctx, tx, now, se.owner()); err != nil {
			return "", err
		}
	}
	a := authz.Actor{PersonID: o.personID, StaffID: o.staffID, Via: "page", Origin: o.origin}
	return token, s.record(ctx, tx, now, a, "identity.sign_in", se.owner(), number)
}

// addressee is where the holder of a session is told of things, and the number under which the record knows them.
func (s *Service) addressee(ctx context.Context, q db.Q, se session) (notify.To, string, error) {
	if se.staffID != "" {
		st, err := s.deps.Staff.Staff(ctx, se.staffID)
		return notify.To{Phone: st.Phone}, "", err
	}
	p, err := s.findPerson(ctx, q, "id", se.personID)
	return notify.To{Person: p.ID, Phone: p.Phone}, p.Number, err
}

// openNow is open in a transaction of its own.
func (s *Service) openNow(ctx context.Context, o opening) (token string, err error) {
	err = s.d.Tx(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		token, err = s.open(ctx, tx, s.now(), o)
		return err
	})
	return token, err
}

// openPerson opens a person's session and then asks the registry whether they live.
func (s *Service) openPerson(ctx context.Context, o opening) (SignedIn, error) {
	token, err := s.openNow(ctx, o)
	if err == nil {
		err = s.refresh(ctx, o.personID)
	}
	if err != nil {
		return SignedIn{}, err
	}
	return SignedIn{Token: token, PersonID: o.personID, MustChange: o.limited == mustChange}, nil
}
