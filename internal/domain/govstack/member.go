package govstack

import (
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"tongban/internal/base/errs"
)

// The states of a member.
const (
	Asked     = "asked"     // proposed, never approved
	Active    = "active"    // may use the operations
	Suspended = "suspended" // stopped by an officer
)

// AllItems stands for every item in a grant.
const AllItems = "*"

// Member is a system of another agency and what it was granted.
type Member struct {
	ID     string `json:"-"`
	Client string `json:"-"` // INSTANCE/CLASS/MEMBER/SUBSYSTEM

	Name   string   `json:"name"`
	Agency string   `json:"agency"` // key of the agency that answers for it
	Basis  string   `json:"basis"`  // on what it may act: the agreement or delegation
	Items  []string `json:"items"`  // keys, or AllItems
	File   bool     `json:"file"`   // it may file applications for people it has identified
	Level  int      `json:"level"`  // identity level at which it identifies them, 0–4
	// Operators are the officers (staff ids) who may complete tasks through it; each acts by their own posts.
	Operators []string `json:"operators"`

	State    string    `json:"-"`
	Version  int64     `json:"-"`
	Since    time.Time `json:"-"`
	HasToken bool      `json:"-"`

	tokenHash string
	open      bool
}

// Covers reports whether the grant names an item.
func (m Member) Covers(item string) bool {
	return slices.Contains(m.Items, AllItems) || slices.Contains(m.Items, item)
}

// items is the grant's list as questions to other rooms want it: nil for every item.
func (m Member) items() []string {
	if slices.Contains(m.Items, AllItems) {
		return nil
	}
	return append([]string{}, m.Items...)
}

// system is the member as cases and the audit record write it.
func (m Member) system() string { return "govstack:" + m.Client }

var part = regexp.MustCompile(`^[\pL\pN._-]{1,64}$`)

// ParseClient reads the header Information-Mediator-Client. Anything but four parts is errs.BadRequest govstack.header.
func ParseClient(header string) (string, error) {
	parts := strings.Split(strings.TrimSpace(header), "/")
	if len(parts) != 4 || slices.ContainsFunc(parts, func(p string) bool { return !part.MatchString(p) }) {
		return "", errs.New(errs.BadRequest, "govstack.header")
	}
	return strings.Join(parts, "/"), nil
}

const (
	mostItems     = 200
	mostOperators = 100
	longName      = 60
	longBasis     = 300
)

// check finds what is wrong with a grant; the fields are those of the form.
func (m *Member) check() error {
	m.clean()
	var fs []errs.Field
	add := func(ok bool, field, key string, p errs.P) {
		if !ok {
			fs = append(fs, errs.Field{Path: field, Key: "govstack." + key, Params: p})
		}
	}
	_, err := ParseClient(m.Client)
	add(err == nil, "client", "client_bad", nil)
	add(m.Name != "" && utf8.RuneCountInString(m.Name) <= longName, "name", "name_missing", nil)
	add(m.Agency != "", "agency", "agency_missing", nil)
	add(m.Basis != "" && utf8.RuneCountInString(m.Basis) <= longBasis, "basis", "basis_missing", nil)
	add(len(m.Items) > 0 && len(m.Items) <= mostItems, "items", "items_missing", errs.P{"max": mostItems})
	add(m.Level >= 0 && m.Level <= 4, "level", "level_bad", nil)
	add(len(m.Operators) <= mostOperators, "operators", "operators_many", errs.P{"max": mostOperators})
	return errs.Fields("govstack.invalid", fs)
}

func (m *Member) clean() {
	for _, s := range []*string{&m.Client, &m.Name, &m.Agency, &m.Basis} {
		*s = strings.TrimSpace(*s)
	}
	for _, list := range []*[]string{&m.Items, &m.Operators} {
		var out []string
		for _, v := range *list {
			if v = strings.TrimSpace(v); v != "" && !slices.Contains(out, v) {
				out = append(out, v)
			}
		}
		*list = out
	}
	if slices.Contains(m.Items, AllItems) {
		m.Items = []string{AllItems}
	}
}

// Proposal is a grant that one security officer asks for and another one decides on.
type Proposal struct {
	ID        string
	Member    Member
	Base      int64  // the member's version it was made of
	State     string // asked, approved, refused
	AskedBy   string // staff id
	AskedAt   time.Time
	DecidedBy string
	DecidedAt time.Time
}

// The states of a proposal besides Asked.
const (
	Approved = "approved"
	Refused  = "refused"
)
