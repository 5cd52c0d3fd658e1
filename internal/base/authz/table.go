package authz

import "slices"

// Permission is what a route asks for.
type Permission string

// The permissions. Each route names one; the table below says which roles have it.
const (
	Public        Permission = "public"         // anyone, signed in or not
	SignedIn      Permission = "signed_in"      // any account
	StaffSelf     Permission = "staff.self"     // one's own password
	PersonSelf    Permission = "person.self"    // my space: my data, messages, who read it
	CaseApply     Permission = "case.apply"     // drafts and applications of one's own or one's firm
	LicenceOwn    Permission = "licence.own"    // my licences
	RatingGive    Permission = "rating.give"    // rate a contact
	WindowDesk    Permission = "window.desk"    // receive, accept and hand out at a window
	CaseDesk      Permission = "case.desk"      // inbox and acts of a department; posts decide which
	CasePapers    Permission = "case.papers"    // papers and files of cases one handles
	Supervise     Permission = "supervise"      // the region's cases and anomalies, read only
	CatalogEdit   Permission = "catalog.edit"   // item office: prepare items and services, and be the second person for another's
	CatalogSee    Permission = "catalog.see"    // look at drafts, checks and reports of the catalogue
	LegalReview   Permission = "catalog.legal"  // legal review of what is to be published
	DirectoryEdit Permission = "directory.edit" // base directory, code lists; the office's level decides which
	OrgAdmin      Permission = "org.admin"      // agencies, posts, regions, holidays
	StaffAdmin    Permission = "staff.admin"    // staff accounts and their roles
	AuditRead     Permission = "audit.read"
	FactorOwn     Permission = "factor.own"   // one's own passwords, passkeys, certificates, sessions and devices
	MandateOwn    Permission = "mandate.own"  // appoint, accept and revoke who acts for whom
	ConsentOwn    Permission = "consent.own"  // which systems one signed in to, and what they may know
	PowerReview   Permission = "power.review" // propose and review grants of power to staff
	ClientAdmin   Permission = "client.admin" // systems that sign in here, and outside providers one may sign in with
	PrivacyDesk   Permission = "privacy.desk" // complaints about access to personal data, lawful delay
	ArchiveSee    Permission = "archive.see"  // archive packages: an archivist the own agency's, an auditor the region's
	CreditDesk    Permission = "credit.desk"  // the list of discredited persons: look, enter, decide on repair
	Operate       Permission = "operate"      // metrics, jobs
	WebhookKeep   Permission = "webhook.keep" // what departments' systems hear of their cases; an operator those of the own agency
	ExportOwn     Permission = "export.own"   // export what one sees in lists, and fetch it
	DemoOnly      Permission = "demo"         // only mounted in demo mode
)

// table is the whole of who may do what. Adding a role or a permission is a change to this page and nowhere else.
var table = map[Permission][]Role{
	Public:        Roles,
	SignedIn:      Roles[1:],
	StaffSelf:     Roles[2:],
	PersonSelf:    {Person},
	CaseApply:     {Person},
	LicenceOwn:    {Person},
	RatingGive:    {Person},
	WindowDesk:    {Clerk},
	CaseDesk:      {Clerk, Officer},
	CasePapers:    {Person, Clerk, Officer, Supervisor},
	Supervise:     {Supervisor},
	CatalogEdit:   {ItemOffice},
	CatalogSee:    {ItemOffice, Legal},
	LegalReview:   {Legal},
	DirectoryEdit: {ItemOffice},
	OrgAdmin:      {Admin},
	StaffAdmin:    {Security},
	AuditRead:     {Auditor},
	FactorOwn:     Roles[1:],
	MandateOwn:    {Person},
	ConsentOwn:    Roles[1:],
	PowerReview:   {Security},
	ClientAdmin:   {Security},
	PrivacyDesk:   {Auditor},
	ArchiveSee:    {Archivist, Auditor},
	CreditDesk:    {Officer},
	Operate:       {Operator, Admin},
	WebhookKeep:   {Admin, Operator},
	ExportOwn:     {Clerk, Officer, Supervisor},
	DemoOnly:      Roles,
}

// Permissions lists every permission of the table.
func Permissions() []Permission {
	out := make([]Permission, 0, len(table))
	for p := range table {
		out = append(out, p)
	}
	slices.Sort(out)
	return out
}

// Known reports whether a permission stands in the table.
func Known(p Permission) bool { _, ok := table[p]; return ok }

// May reports whether a role has a permission.
func May(r Role, p Permission) bool { return slices.Contains(table[p], r) }

// May reports whether the actor has a permission through any role.
func (a Actor) May(p Permission) bool {
	if p == Public || p == DemoOnly {
		return true
	}
	return a.Signed() && slices.ContainsFunc(a.Roles, func(r Role) bool { return May(r, p) })
}
