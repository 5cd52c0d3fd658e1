package archive

import (
	"path"
	"slices"
	"strconv"
	"strings"

	"tongban/internal/base/errs"
	"tongban/internal/domain/cases"
	"tongban/internal/engine/seal"
)

// The four checks (四性检测; DA/T 70-2018 as far as it is known).
const (
	Authentic = "authenticity" // 真实性
	Complete  = "completeness" // 完整性
	Usable    = "usability"    // 可用性
	Secure    = "security"     // 安全性
)

// Finding is one thing a check found. A grave one fails the check; another is for the reader's attention.
type Finding struct {
	Key    string            `json:"key"`
	Params map[string]string `json:"params,omitempty"`
	Grave  bool              `json:"grave"`
}

// P gives the parameters of the finding's text.
func (f Finding) P() errs.P {
	p := errs.P{}
	for k, v := range f.Params {
		p[k] = v
	}
	return p
}

// Check is the result of one of the four.
type Check struct {
	Name     string    `json:"name"`
	OK       bool      `json:"ok"`
	Findings []Finding `json:"findings,omitempty"`
}

// Checks are the results of the four.
type Checks []Check

// OK reports whether all four hold.
func (cs Checks) OK() bool {
	return len(cs) > 0 && !slices.ContainsFunc(cs, func(c Check) bool { return !c.OK })
}

func grave(key string, kv ...string) Finding {
	f := note(key, kv...)
	f.Grave = true
	return f
}

func note(key string, kv ...string) Finding {
	f := Finding{Key: key}
	for i := 0; i+1 < len(kv); i += 2 {
		if f.Params == nil {
			f.Params = map[string]string{}
		}
		f.Params[kv[i]] = kv[i+1]
	}
	return f
}

func judged(name string, fs []Finding) Check {
	return Check{Name: name, OK: !slices.ContainsFunc(fs, func(f Finding) bool { return f.Grave }), Findings: fs}
}

// Judge runs the four checks.
func Judge(s *Seen) Checks {
	return Checks{Authenticity(s), Completeness(s), Usability(s), Security(s)}
}

// Authenticity (真实性): the agency signed this manifest, everything in it is bit by bit what was signed, the events follow one another as they
// did, and each paper bears its own valid seal.
func Authenticity(s *Seen) Check {
	fs := slices.Clone(s.form)
	fs = append(fs, s.signer...)
	for i, e := range s.Manifest.Entries {
		x := s.entries[i]
		if x.read && (x.size != e.Size || !same(x.digest, e.SM3)) {
			fs = append(fs, grave("archive.changed", "path", e.Path))
		}
		if x.seal == seal.Forged || x.seal == seal.Unknown {
			fs = append(fs, grave("archive.bad_seal", "path", e.Path, "why", x.sealBad))
		}
	}
	switch m := s.Manifest; {
	case !s.Readable() || !s.wasRead(eventsPath):
	case s.chainErr != nil:
		fs = append(fs, grave("archive.chain_broken", "n", strconv.Itoa(s.chain.Count)))
	case s.chain != m.Chain:
		fs = append(fs, grave("archive.chain_other"))
	}
	return judged(Authentic, fs)
}

// Completeness (完整性): nothing is missing and nothing was added, the metadata are filled in, and what such a case must leave behind is there.
func Completeness(s *Seen) Check {
	fs := slices.Clone(s.form)
	if !s.Readable() {
		return judged(Complete, fs)
	}
	m := s.Manifest
	if len(s.form) == 0 {
		for i, e := range m.Entries {
			if !s.entries[i].read {
				fs = append(fs, grave("archive.missing", "path", printable(e.Path)))
			}
		}
	}
	for _, p := range s.extra {
		fs = append(fs, grave("archive.extra", "path", p))
	}
	for field, v := range map[string]string{
		"archive_no": m.ArchiveNo, "fonds": m.Fonds.Code, "title": m.Title, "responsible": m.Responsible, "date": m.Date, "retention": m.Retention.Period,
		"classification": m.Classification, "case_no": m.Case.No, "result": m.Case.Result,
	} {
		if strings.TrimSpace(v) == "" {
			fs = append(fs, grave("archive.no_metadata", "field", field))
		}
	}
	fs = append(fs, s.owed()...)
	slices.SortStableFunc(fs, func(a, b Finding) int { return strings.Compare(a.Key+a.Params["field"], b.Key+b.Params["field"]) })
	return judged(Complete, fs)
}

// owed lists what a case with this result must have left and the package does not hold.
func (s *Seen) owed() (fs []Finding) {
	m := s.Manifest
	kinds := map[string]int{}
	for _, e := range m.Entries {
		kinds[e.Kind]++
	}
	want := func(ok bool, what string) {
		if !ok {
			fs = append(fs, grave("archive.owed", "what", what))
		}
	}
	for n := 1; n <= m.Case.Rounds; n++ {
		want(s.lists(roundPath(n)), roundPath(n))
	}
	for _, p := range []string{casePath, eventsPath, historyPath} {
		want(s.lists(p), p)
	}
	decided := slices.Contains([]string{string(cases.Grant), string(cases.Partly), string(cases.Refuse)}, m.Case.Result)
	want(!decided || s.lists(decisionPath), decisionPath)
	want(m.Case.Result != string(cases.Refused) || s.lists(refusalPath), refusalPath)
	if decided && kinds[KindPaper]+kinds[KindLicence] == 0 {
		fs = append(fs, grave("archive.no_paper"))
	}
	if s.chainErr != nil || len(s.form) > 0 || !s.wasRead(eventsPath) {
		return fs
	}
	for i, e := range s.events {
		if e.Seq != i+1 {
			return append(fs, grave("archive.event_gap", "n", strconv.Itoa(i+1)))
		}
	}
	return fs
}

func (s *Seen) lists(p string) bool {
	return slices.ContainsFunc(s.Manifest.Entries, func(e Entry) bool { return e.Path == p })
}

func (s *Seen) wasRead(p string) bool {
	i := slices.IndexFunc(s.Manifest.Entries, func(e Entry) bool { return e.Path == p })
	return i >= 0 && s.entries[i].read
}

// lasting are the formats that are taken for long keeping; others are named to the reader.
var lasting = []string{"application/pdf", "image/jpeg", "image/png", "application/json", "text/plain; charset=utf-8"}

// Usability (可用性): each file opens as what it is called, whole, without a password, in a format that lasts.
func Usability(s *Seen) Check {
	fs := slices.Clone(s.form)
	for i, e := range s.Manifest.Entries {
		x := s.entries[i]
		if !x.read {
			continue
		}
		switch {
		case x.size == 0:
			fs = append(fs, grave("archive.empty", "path", e.Path))
		case e.MIME == "application/json" && x.badJSON:
			fs = append(fs, grave("archive.unreadable", "path", e.Path))
		case e.MIME != "application/json" && x.mime != e.MIME:
			fs = append(fs, grave("archive.other_kind", "path", e.Path, "said", e.MIME, "is", x.mime))
		case x.cutOff:
			fs = append(fs, ours(e, "archive.cut_off"))
		case x.locked:
			fs = append(fs, ours(e, "archive.locked"))
		case !slices.Contains(lasting, e.MIME):
			fs = append(fs, note("archive.not_lasting", "path", e.Path, "mime", e.MIME))
		}
	}
	return judged(Usable, fs)
}

// ours makes a finding grave where the agency made the file; an applicant's file is kept as it was sent, and the reader is told.
func ours(e Entry, key string) Finding {
	f := note(key, "path", e.Path)
	f.Grave = e.Origin != OriginApplicant
	return f
}

// Security (安全性): nothing in the package runs, hides or leads out of its folder. Uploads were looked at by a scanner when they came in, where
// one is set up; this check does not replace one.
func Security(s *Seen) Check {
	fs := slices.Clone(s.form)
	for i, e := range s.Manifest.Entries {
		if !plainPath(e.Path) {
			fs = append(fs, grave("archive.bad_path", "path", printable(e.Path)))
		}
		x := s.entries[i]
		if x.read && x.mime == "" && e.MIME != "application/json" && x.size > 0 {
			fs = append(fs, grave("archive.unknown_content", "path", printable(e.Path)))
		}
		if len(x.active) == 0 {
			continue
		}
		f := note("archive.active", "path", e.Path, "what", strings.Join(x.active, " "))
		f.Grave = slices.Contains(x.active, "/Launch") // starts a program on the reader's computer
		fs = append(fs, f)
	}
	return judged(Secure, fs)
}

// plainPath accepts lower-case names of letters, digits, dots and hyphens in folders below the package's.
func plainPath(p string) bool {
	if p == "" || path.Clean(p) != p || strings.HasPrefix(p, "/") || strings.HasPrefix(p, "..") {
		return false
	}
	return !strings.ContainsFunc(p, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < '0' || r > '9') && !strings.ContainsRune("/.-_", r)
	})
}
