package archive

import (
	"bytes"
	_ "embed"
	"fmt"
	"slices"
	"strings"
	"sync"

	"go.yaml.in/yaml/v3"

	"tongban/internal/base/errs"
)

// The periods of retention (国家档案局令第8号: 永久, 定期30年, 10年).
const (
	Permanent = "permanent"
	Years30   = "y30"
	Years10   = "y10"
)

// Periods lists the periods, the longest first.
var Periods = []string{Permanent, Years30, Years10}

// Retention is how long a package is kept, and why.
type Retention struct {
	Period string `json:"period"`
	Name   string `json:"name"` // 永久, 30年, 10年
	Basis  string `json:"basis"`
	Source string `json:"source"`
}

// periodNames are the words of the standard, as catalogues write them; they are never translated there.
var periodNames = map[string]string{Permanent: "永久", Years30: "30年", Years10: "10年"}

// periodMarks stand for a period in an archive number (DA/T 13-2022).
var periodMarks = map[string]string{Permanent: "Y", Years30: "D30", Years10: "D10"}

//go:embed retention.yaml
var retentionFile []byte

type retentionRule struct {
	Item   string `yaml:"item"`
	Type   string `yaml:"type"`
	Result string `yaml:"result"`
	Period string `yaml:"period"`
	Basis  string `yaml:"basis"`
}

// Schedule is a schedule of retention periods. The zero value is none.
type Schedule struct {
	Source    string          `yaml:"source"`
	ValidFrom string          `yaml:"valid_from"`
	Rules     []retentionRule `yaml:"rules"`
	Default   retentionRule   `yaml:"default"`
}

// DefaultSchedule is the schedule of retention.yaml.
var DefaultSchedule = sync.OnceValue(func() Schedule {
	s, err := ReadSchedule(retentionFile)
	if err != nil {
		panic(err) // part of the program, read by its tests
	}
	return s
})

// ReadSchedule reads a schedule and refuses one with an unknown period or result, or a line without a basis.
func ReadSchedule(text []byte) (Schedule, error) {
	var s Schedule
	d := yaml.NewDecoder(bytes.NewReader(text))
	d.KnownFields(true)
	if err := d.Decode(&s); err != nil {
		return s, errs.Wrap(err, errs.Invalid, "archive.bad_schedule", errs.P{"why": err.Error()})
	}
	for i, r := range append(slices.Clone(s.Rules), s.Default) {
		if !slices.Contains(Periods, r.Period) || r.Basis == "" || r.Result != "" && !slices.Contains(Results, r.Result) {
			return s, errs.New(errs.Invalid, "archive.bad_schedule", errs.P{"why": fmt.Sprintf("line %d: period %q, result %q", i+1, r.Period, r.Result)})
		}
	}
	return s, nil
}

// Keep gives how long a case of an item with a result is kept. override is a period the item's pack asks for, or empty.
func (s Schedule) Keep(item, itemType, result, override string) (Retention, error) {
	if override != "" {
		if !slices.Contains(Periods, override) {
			return Retention{}, errs.New(errs.Invalid, "archive.bad_period", errs.P{"period": override, "item": item})
		}
		return Retention{override, periodNames[override], "事项另有规定", "pack"}, nil
	}
	fits := func(want, is string) bool { return want == "" || want == is }
	for _, r := range s.Rules {
		if fits(r.Item, item) && fits(r.Type, itemType) && fits(r.Result, result) {
			return Retention{r.Period, periodNames[r.Period], r.Basis, s.Source}, nil
		}
	}
	return Retention{s.Default.Period, periodNames[s.Default.Period], s.Default.Basis, s.Source}, nil
}

// archiveNo is the 档号 after the pattern of DA/T 13-2022: fonds-category·year-period-unit-number. ZW stands for 政务服务.
func archiveNo(fonds, unit string, year int, period string, n int64) string {
	return fmt.Sprintf("%s-ZW·%d-%s-%s-%05d", fonds, year, periodMarks[period], strings.ToUpper(unit), n)
}

// folderOf is an archive number as the name of a folder, in plain ASCII.
func folderOf(no string) string { return strings.ReplaceAll(no, "·", ".") }
