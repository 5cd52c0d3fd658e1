package licence

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"tongban/internal/domain/paper"
	"tongban/internal/engine/pdf"
)

// Type is one licence-types/*.yaml. Versions are immutable; a licence names the one it was issued under.
type Type struct {
	Key        string     `json:"key"`
	Code       string     `json:"code"` // 21: credit code of the definer and three characters (GB/T 36904)
	Name       string     `json:"name"`
	Definer    string     `json:"definer"`
	Holder     string     `json:"holder"` // firm or person
	Number     string     `json:"number"` // pattern, see Pattern
	Fields     []Field    `json:"fields"`
	Validity   Validity   `json:"validity"`
	Exclusive  bool       `json:"exclusive"`   // one in force for each holder
	IssuedHere bool       `json:"issued_here"` // false: only indexed and verified, e.g. an identity card
	Trust      string     `json:"trust"`       // A–D (国办函〔2016〕108号): A is made and sealed by the agency
	Layout     pdf.Layout `json:"layout"`
	Version    int        `json:"-"`
}

// Field is one fact a licence shows. From says where it comes from: applicant.name, applicant.number, form.KEY, scenario.KEY, const:TEXT,
// licence.number, licence.valid_from, licence.valid_until, agency.name or decision.date.
type Field struct {
	Key   string `json:"key"`
	Label string `json:"label"`
	From  string `json:"from"`
}

// Validity is how long a licence is in force; all zero: for ever.
type Validity struct {
	Years  int `json:"years,omitempty"`
	Months int `json:"months,omitempty"`
	Days   int `json:"days,omitempty"`
}

// Holder kinds.
const (
	Person = "person"
	Firm   = "firm"
)

var beijing = time.FixedZone("CST", 8*3600)

// Today is the date in China.
func Today(now time.Time) string { return now.In(beijing).Format(time.DateOnly) }

// Until gives the last day of a licence that begins on a day: five years from 2026-03-16 end with 2031-03-15, a month from 31 January on the
// last of February. "" means no end.
func (v Validity) Until(from time.Time) string {
	if v == (Validity{}) {
		return ""
	}
	y, m, d := from.In(beijing).Date()
	first := time.Date(y+v.Years, m+time.Month(v.Months), 1, 0, 0, 0, 0, beijing)
	last := first.AddDate(0, 1, -1).Day()
	end := time.Date(first.Year(), first.Month(), min(d, last), 0, 0, 0, 0, beijing).AddDate(0, 0, v.Days)
	if d <= last { // where the day of the month does not exist, the month's last day is the last (民法典 202)
		end = end.AddDate(0, 0, -1)
	}
	return end.Format(time.DateOnly)
}

// ownSources are filled here, the others by whoever knows the application.
var ownSources = []string{"licence.number", "licence.valid_from", "licence.valid_until", "agency.name", "decision.date"}

var source = regexp.MustCompile(`^(applicant\.(name|number)|(form|scenario)\.[A-Za-z0-9_.]+|const:.+)$`)

// Sources gives what the type asks of the application, e.g. applicant.name and form.shop_address.
func (t Type) Sources() []string {
	var out []string
	for _, f := range t.Fields {
		if !slices.Contains(ownSources, f.From) && !strings.HasPrefix(f.From, "const:") {
			out = append(out, f.From)
		}
	}
	return out
}

// take gives the values of the type's fields by field key, from values keyed by field or by source.
func (t Type) take(given map[string]string) map[string]string {
	out := map[string]string{}
	for _, f := range t.Fields {
		if text, ok := strings.CutPrefix(f.From, "const:"); ok {
			out[f.Key] = text
		} else if v, ok := given[f.Key]; ok {
			out[f.Key] = v
		} else if v, ok := given[f.From]; ok {
			out[f.Key] = v
		}
	}
	return out
}

// always are the names every layout may use beside its fields' keys.
var always = []string{"holder_name", "holder_number", "number", "licence_id", "valid_from", "valid_until", "agency", "issued", "verify_url", "name", "definer"}

// placeNames gives the names the layout may use.
func (t Type) placeNames() map[string]bool {
	out := map[string]bool{}
	for _, n := range always {
		out[n] = true
	}
	for _, f := range t.Fields {
		out[f.Key] = true
	}
	return out
}

// print gives the values of a licence as its layout shows them.
func (t Type) print(l Licence, agency, verifyURL string) map[string]string {
	own := map[string]string{
		"licence.number": l.Number, "licence.valid_from": dateText(l.ValidFrom), "licence.valid_until": untilText(l.ValidUntil),
		"agency.name": agency, "decision.date": paper.DateText(l.Issued),
	}
	out := map[string]string{
		"holder_name": l.HolderName, "holder_number": l.HolderNumber, "number": l.Number, "licence_id": l.Identifier, "name": l.TypeName,
		"valid_from": own["licence.valid_from"], "valid_until": own["licence.valid_until"], "agency": agency, "issued": own["decision.date"],
		"verify_url": verifyURL, "definer": t.Definer,
	}
	for _, f := range t.Fields {
		if v, ok := own[f.From]; ok {
			out[f.Key] = v
		} else if v := l.Fields[f.Key]; v != "" || out[f.Key] == "" {
			out[f.Key] = v
		}
	}
	return out
}

func dateText(date string) string {
	d, err := time.ParseInLocation(time.DateOnly, date, beijing)
	if err != nil {
		return date
	}
	return paper.DateText(d)
}

func untilText(date string) string {
	if date == "" {
		return "长期"
	}
	return dateText(date)
}

type block = pdf.Block

func atoi(s string) int { n, _ := strconv.Atoi(s); return n }
