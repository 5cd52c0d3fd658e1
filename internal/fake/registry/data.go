package registry

import (
	"fmt"
	"slices"
	"time"

	"tongban/internal/base/errs"
	"tongban/internal/base/packfile"
	"tongban/internal/engine/cnid"
)

// Data is the content of a demo.yaml.
type Data struct {
	People    []Person       `json:"people"`
	Firms     []Firm         `json:"firms"`
	Guardians []Guardianship `json:"guardians"`
	Accounts  []Account      `json:"accounts"`
}

// Person is one entry of the population registry.
type Person struct {
	Number  string `json:"id_number"`
	Kind    string `json:"id_kind"` // citizen, hkmt, permanent, permanent_old
	Name    string `json:"name"`
	Sex     string `json:"sex"`   // 男, 女
	Birth   string `json:"birth"` // YYYY-MM-DD
	Address string `json:"household_address"`
	Phone   string `json:"phone"`
	Alive   bool   `json:"alive"`
	Photo   string `json:"photo"`
	Note    string `json:"note"`
}

// Firm is one entry of the firm registry.
type Firm struct {
	CreditCode        string `json:"credit_code"`
	Name              string `json:"name"`
	Kind              string `json:"kind"`
	LegalPersonNumber string `json:"legal_person_id"`
	LegalPersonName   string `json:"legal_person_name"`
	Address           string `json:"address"`
	Premises          string `json:"premises"`
	Scope             string `json:"scope"`
	Established       string `json:"established"` // YYYY-MM-DD
	Status            string `json:"status"`
	LicenceNumber     string `json:"licence_no"`
}

// Guardianship is one entry of who is whose guardian, by ID numbers.
type Guardianship struct {
	Guardian string `json:"guardian"`
	Ward     string `json:"ward"`
	Relation string `json:"relation"` // 父亲, 母亲, 祖父 …
}

// Account is an account that the demo makes: a phone with which a person has signed in before.
type Account struct {
	Phone  string   `json:"login_phone"`
	Person string   `json:"person"` // ID number
	Firms  []string `json:"firms"`  // credit codes the account likes to show
	Label  string   `json:"label"`
}

// latestBirth lets Load do without today's date: a birthday in the future is refused where people sign in.
const latestBirth = "9999-12-31"

// Load reads a demo.yaml strictly; it gives every problem found, with file and line.
func Load(f packfile.File) (Data, []packfile.Problem) {
	var d Data
	doc, ps := packfile.Decode(f, &d)
	if len(ps) > 0 {
		return d, ps
	}
	c := checker{doc: doc, people: map[string]bool{}, firms: map[string]bool{}, phones: map[string]bool{}}
	for i := range d.People {
		c.person(fmt.Sprintf("/people/%d", i), &d.People[i])
	}
	for i := range d.Firms {
		c.firm(fmt.Sprintf("/firms/%d", i), &d.Firms[i])
	}
	for i, g := range d.Guardians {
		c.guardian(fmt.Sprintf("/guardians/%d", i), g)
	}
	for i := range d.Accounts {
		c.account(fmt.Sprintf("/accounts/%d", i), &d.Accounts[i])
	}
	return d, c.found
}

type checker struct {
	doc                   *packfile.Doc
	people, firms, phones map[string]bool
	found                 []packfile.Problem
}

func (c *checker) bad(at, key string, p ...errs.P) {
	c.found = append(c.found, c.doc.Problem(at, key, p...))
}

// because passes an engine's finding on with its own words.
func (c *checker) because(at string, err error) {
	if e := errs.As(err); e != nil {
		c.bad(at, e.Key, e.Params)
	}
}

func (c *checker) person(at string, p *Person) {
	id, err := cnid.ParseID(p.Number, latestBirth)
	c.because(at+"/id_number", err)
	if err == nil {
		p.Number = id.Number
		if string(id.Kind) != p.Kind {
			c.bad(at+"/id_kind", "identity.demo_kind", errs.P{"want": string(id.Kind)})
		}
		if id.Birth != "" && id.Birth != p.Birth {
			c.bad(at+"/birth", "identity.demo_birth", errs.P{"want": id.Birth})
		}
	}
	c.once(at+"/id_number", c.people, p.Number)
	name, err := cnid.NormalName(p.Name)
	c.because(at+"/name", err)
	p.Name = name
	if !slices.Contains([]string{"男", "女"}, p.Sex) {
		c.bad(at+"/sex", "identity.demo_sex")
	}
	if !isDate(p.Birth) {
		c.bad(at+"/birth", "identity.demo_date")
	}
	if p.Phone != "" {
		_, err = cnid.ParseMobile(p.Phone)
		c.because(at+"/phone", err)
	}
}

func (c *checker) firm(at string, f *Firm) {
	code, err := cnid.ParseCreditCode(f.CreditCode)
	c.because(at+"/credit_code", err)
	f.CreditCode = code
	c.once(at+"/credit_code", c.firms, code)
	if f.Name == "" {
		c.bad(at+"/name", "identity.demo_empty")
	}
	if f.Established != "" && !isDate(f.Established) {
		c.bad(at+"/established", "identity.demo_date")
	}
	if !c.people[f.LegalPersonNumber] {
		c.bad(at+"/legal_person_id", "identity.demo_nobody")
	}
}

func (c *checker) guardian(at string, g Guardianship) {
	for name, number := range map[string]string{"/guardian": g.Guardian, "/ward": g.Ward} {
		if !c.people[number] {
			c.bad(at+name, "identity.demo_nobody")
		}
	}
	if g.Relation == "" {
		c.bad(at+"/relation", "identity.demo_empty")
	}
}

func (c *checker) account(at string, a *Account) {
	phone, err := cnid.ParseMobile(a.Phone)
	c.because(at+"/login_phone", err)
	a.Phone = phone
	c.once(at+"/login_phone", c.phones, phone)
	if !c.people[a.Person] {
		c.bad(at+"/person", "identity.demo_nobody")
	}
	for i, code := range a.Firms {
		if !c.firms[code] {
			c.bad(fmt.Sprintf("%s/firms/%d", at, i), "identity.demo_no_firm")
		}
	}
}

func (c *checker) once(at string, seen map[string]bool, v string) {
	if v != "" && seen[v] {
		c.bad(at, "identity.demo_twice")
	}
	seen[v] = true
}

func isDate(s string) bool {
	_, err := time.Parse(time.DateOnly, s)
	return err == nil
}
