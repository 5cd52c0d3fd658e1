package counter

import (
	"encoding/json"
	"strings"
	"time"
	"unicode/utf8"

	"tongban/internal/base/errs"
	"tongban/internal/engine/cnid"
)

// Card is what stands on an identity card. Dates are YYYY-MM-DD; an empty ValidUntil is 长期.
type Card struct {
	Name       string `json:"name"`
	Sex        string `json:"sex"`
	Nation     string `json:"nation"`
	Birth      string `json:"birth"`
	Address    string `json:"address"`
	Number     string `json:"number"`
	Agency     string `json:"agency"`
	ValidFrom  string `json:"valid_from"`
	ValidUntil string `json:"valid_until"`
}

// longest is more than any reader types, in bytes.
const longest = 2000

// ParseLine reads the line of a keyboard reader. Two forms are known: the number alone, and name|sex|nation|birth|address|number|agency|validity,
// where the separator may also be a tab or a comma of either width and validity is two dates joined by a dash, the second a date or 长期.
// Errors are Invalid: counter.line_form, counter.card_date, and those of cnid.ParseID.
func ParseLine(line, today string) (Card, error) {
	line = strings.TrimSpace(line)
	if line == "" || len(line) > longest || !utf8.ValidString(line) {
		return Card{}, errs.New(errs.Invalid, "counter.line_form")
	}
	parts := fieldsOf(line)
	if len(parts) == 1 {
		id, err := cnid.ParseID(parts[0], today)
		return Card{Number: id.Number, Birth: id.Birth, Sex: sexOf(id)}, err
	}
	if len(parts) != 8 {
		return Card{}, errs.New(errs.Invalid, "counter.line_form")
	}
	c := Card{Name: parts[0], Sex: parts[1], Nation: parts[2], Address: parts[4], Number: parts[5], Agency: parts[6]}
	var err error
	if c.Birth, err = cardDate(parts[3]); err != nil {
		return c, err
	}
	from, to, found := strings.Cut(strings.ReplaceAll(parts[7], "至", "-"), "-")
	if strings.Count(parts[7], "-") > 1 { // the dates themselves are written with dashes
		from, to, found = splitDashed(parts[7])
	}
	if !found {
		return c, errs.New(errs.Invalid, "counter.card_date")
	}
	if c.ValidFrom, err = cardDate(from); err != nil {
		return c, err
	}
	if to = strings.TrimSpace(to); to == "长期" {
		return c, nil
	}
	c.ValidUntil, err = cardDate(to)
	return c, err
}

// splitDashed cuts 2019-01-02-2039-01-02 and 2019-01-02-长期 after the first date.
func splitDashed(s string) (from, to string, ok bool) {
	const date = len("2006-01-02")
	if len(s) <= date+1 || s[date] != '-' {
		return "", "", false
	}
	return s[:date], s[date+1:], true
}

func fieldsOf(line string) []string {
	for _, sep := range []string{"|", "｜", "\t", ",", "，"} {
		if strings.Contains(line, sep) {
			parts := strings.Split(strings.TrimSuffix(line, sep), sep)
			for i := range parts {
				parts[i] = strings.TrimSpace(parts[i])
			}
			return parts
		}
	}
	return []string{line}
}

// cardDate reads 20190102, 2019.01.02 and 2019-01-02.
func cardDate(s string) (string, error) {
	s = strings.NewReplacer(".", "", "-", "", "/", "", " ", "").Replace(s)
	at, err := time.Parse("20060102", s)
	if err != nil {
		return "", errs.New(errs.Invalid, "counter.card_date")
	}
	return at.Format(time.DateOnly), nil
}

func sexOf(id cnid.ID) string {
	switch id.Sex {
	case "male":
		return "男"
	case "female":
		return "女"
	}
	return ""
}

// Check judges a card on a day: the number's check digit, that birth and sex are those of the number, and that the card is in force. Errors are Invalid:
// counter.card_name, counter.card_number_differs, counter.card_not_yet{date}, counter.card_expired{date}, and those of cnid.
func (c Card) Check(today string) error {
	id, err := cnid.ParseID(c.Number, today)
	switch {
	case err != nil:
		return err
	case c.Name == "":
		return errs.New(errs.Invalid, "counter.card_name")
	case id.Birth != "" && c.Birth != "" && c.Birth != id.Birth, sexOf(id) != "" && c.Sex != "" && c.Sex != sexOf(id):
		return errs.New(errs.Invalid, "counter.card_number_differs")
	case c.ValidFrom > today:
		return errs.New(errs.Invalid, "counter.card_not_yet", errs.P{"date": c.ValidFrom})
	case c.ValidUntil != "" && c.ValidUntil < today:
		return errs.New(errs.Invalid, "counter.card_expired", errs.P{"date": c.ValidUntil})
	}
	return nil
}

// parseCard reads the text the agent gave.
func parseCard(text string) (Card, error) {
	var c Card
	if len(text) > longest {
		return c, errs.New(errs.Invalid, "counter.read_broken")
	}
	if err := json.Unmarshal([]byte(text), &c); err != nil {
		return c, errs.Wrap(err, errs.Invalid, "counter.read_broken")
	}
	return c, nil
}
