package designweb

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"tongban/internal/domain/catalog/item"
	"tongban/internal/domain/licence"
	"tongban/internal/domain/paper"
	"tongban/internal/engine/cnid"
)

// licence gives the values of a licence, as its layout shows them, and its number.
func (s *sample) licence(lt licence.Type) ([]sampleValue, string) {
	until := "长期"
	if end := lt.Validity.Until(s.now); end != "" {
		y, m, d := dayOf(end)
		until = fmt.Sprintf("%d年%d月%d日", y, m, d)
	}
	code := s.about.agency.Code
	id, err := cnid.LicenceID(lt.Code, code, "0000000000000000012", "001")
	if err != nil {
		id = strings.TrimSpace(lt.Code + " " + code)
	}
	holder := sampleFirm
	if lt.Holder == licence.Person {
		holder = samplePerson
	}
	number := s.licenceNumber(lt)
	own := map[string]string{
		"holder_name": s.name(), "holder_number": holder, "name": lt.Name, "number": number, "licence_id": id, "valid_from": paper.DateText(s.now),
		"valid_until": until, "issued": paper.DateText(s.now), "agency": s.agencyName(), "definer": lt.Definer, "verify_url": sampleVerify,
	}
	from := map[string]string{
		"applicant.name": own["holder_name"], "applicant.number": holder, "licence.number": number, "licence.valid_from": own["valid_from"],
		"licence.valid_until": until, "agency.name": own["agency"], "decision.date": own["issued"],
	}
	for k, v := range s.answers() {
		from[k] = v
	}
	var out []sampleValue
	fields := map[string]bool{}
	for _, f := range lt.Fields {
		v, ok := strings.CutPrefix(f.From, "const:")
		if !ok {
			v = orElse(from[f.From], "示例"+f.Label)
		}
		fields[f.Key] = true
		out = append(out, sampleValue{Name: f.Key, Label: f.Label, Value: v})
	}
	for _, n := range licenceNames {
		if !fields[n] {
			out = append(out, sampleValue{Name: n, Label: t(s.ctx, "designer_paper.licence_value_"+n), Value: own[n]})
		}
	}
	return out, number
}

// answers are the applicant's answers on trial by source.
func (s *sample) answers() map[string]string {
	out := map[string]string{}
	for _, q := range s.about.item.Scenario {
		if len(q.Options) > 0 {
			out[item.ScenarioPrefix+q.Key] = q.Options[0].Label
		}
	}
	for _, f := range s.about.form {
		out[item.FormPrefix+f.Key] = f.Value
	}
	return out
}

func dayOf(date string) (y, m, d int) {
	_, _ = fmt.Sscanf(date, "%d-%d-%d", &y, &m, &d) // the date is the licence room's own
	return y, m, d
}

var numberPlace = regexp.MustCompile(`\{([a-z_]+)(?::([0-9]+))?\}`)

// licenceNumber is a number of the pattern: the agency's division, this year, the twelfth serial, and 1 for the code of an answer.
func (s *sample) licenceNumber(lt licence.Type) string {
	n := numberPlace.ReplaceAllStringFunc(lt.Number, func(place string) string {
		m := numberPlace.FindStringSubmatch(place)
		switch m[1] {
		case "region":
			return (s.about.agency.Region + "000000")[:6]
		case "year":
			return strconv.Itoa(paper.Year(s.now))
		case "seq":
			width, _ := strconv.Atoi(m[2])
			return fmt.Sprintf("%0*d", min(width, 18), 12)
		case "check":
			return place
		}
		return "1"
	})
	if head, ok := strings.CutSuffix(n, "{check}"); ok {
		return head + licence.SampleCheck(head)
	}
	return n
}
