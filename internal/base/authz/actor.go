package authz

import (
	"context"
	"slices"
	"time"
)

// Role is what a signed-in account is. A person has exactly the role Person; staff have one or more of the others.
type Role string

// The roles. System, security and audit administration are never held by one account (GB/T 22239, three administrators).
const (
	Visitor    Role = "visitor" // nobody signed in
	Person     Role = "person"
	Clerk      Role = "clerk"      // window 综合窗口
	Officer    Role = "officer"    // department desk
	Supervisor Role = "supervisor" // 电子监察
	ItemOffice Role = "item_office"
	Legal      Role = "legal"    // 法制审核: looks at what the item office wants to publish
	Admin      Role = "admin"    // system administrator: agencies, posts, staff, holidays
	Security   Role = "security" // security administrator: accounts and rights
	Auditor    Role = "auditor"
	Archivist  Role = "archivist" // 档案管理员: the archive packages of the own agency
	Operator   Role = "operator"  // metrics and health
	Limited    Role = "limited"   // who must first change the password or, as an administrator, register a passkey or certificate
)

// Roles lists every role.
var Roles = []Role{Visitor, Person, Clerk, Officer, Supervisor, ItemOffice, Legal, Admin, Security, Auditor, Archivist, Operator, Limited}

// Actor is who is asking, on whose behalf and from where.
type Actor struct {
	Roles     []Role
	PersonID  string // identity person id, for people
	StaffID   string // org staff id, for staff
	FirmID    string // the firm a person acts for now, or empty
	ForPerson string // the person acted for now under a mandate (identity person id), or empty
	MandateID string // the mandate or appointment under which FirmID or ForPerson is acted for; empty for a legal representative
	Scope     *Scope // what the mandate covers; nil = everything
	AgencyID  string // staff: own agency key
	Region    string // staff: region code of the agency, the scope of supervisors
	Posts     []string
	Level     int // identity level 0–4 of a person in this session
	SessionID string
	AuthTime  time.Time // when this session last proved who it is; zero for tokens
	Via       string    // page or api
	Origin    string    // network address, for the audit record (sealed there)
}

// Signed reports whether somebody is signed in.
func (a Actor) Signed() bool { return a.PersonID != "" || a.StaffID != "" }

// Is reports whether the actor has a role.
func (a Actor) Is(r Role) bool {
	if !a.Signed() {
		return r == Visitor
	}
	return slices.Contains(a.Roles, r)
}

// Name is the actor as the audit record writes it.
func (a Actor) Name() string {
	switch {
	case a.PersonID != "":
		return "person:" + a.PersonID
	case a.StaffID != "":
		return "staff:" + a.StaffID
	}
	return "visitor"
}

// OnBehalf is the firm or person acted for as the audit record writes it, or empty.
func (a Actor) OnBehalf() string {
	switch {
	case a.FirmID != "":
		return "firm:" + a.FirmID
	case a.ForPerson != "":
		return "person:" + a.ForPerson
	}
	return ""
}

// Principal is the person whose matter it is: the one acted for, else the one signed in.
func (a Actor) Principal() string {
	if a.ForPerson != "" {
		return a.ForPerson
	}
	return a.PersonID
}

// System is the program itself, in jobs and commands.
var System = Actor{StaffID: "system", Roles: nil, Via: "command"}

type ctxKey struct{}

// With puts the actor into the context.
func With(ctx context.Context, a Actor) context.Context { return context.WithValue(ctx, ctxKey{}, a) }

// From gives the context's actor; without one, a visitor.
func From(ctx context.Context) Actor {
	a, _ := ctx.Value(ctxKey{}).(Actor)
	return a
}
