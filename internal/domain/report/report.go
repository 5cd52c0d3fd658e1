package report

import (
	"cmp"
	"context"
	"encoding/hex"
	"encoding/json"
	"slices"
	"time"

	"github.com/emmansun/gmsm/sm3"

	"tongban/internal/base/audit"
	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/base/event"
	"tongban/internal/base/ident"
	"tongban/internal/base/job"
)

// The states of a report.
const (
	Making = "making"
	Sealed = "sealed"
	Same   = "same" // run again with the same numbers; SameAs has them
)

// Report is the sealed numbers of a month and region.
type Report struct {
	ID, Month, Region string
	Version           int // from 1; 0 while it is made
	State             string
	SameAs, Previous  string // ids
	Cut               time.Time
	Final             bool // the month was over at the cut
	Staff             string
	Created, Sealed   time.Time
	SM3               string
	Late              int // facts noted after the cut of the version before
}

// Change is one number that differs from the version before.
type Change struct {
	By        By
	Key, Name string
	Field     string
	Was, Now  int
}

// View is a report as it is read.
type View struct {
	Report
	Lines   []Line
	Changes []Change // against the version before, totals first
}

type runArgs struct {
	Report string `json:"report"`
}

// Run begins the report of a month for the supervisor's region, and gives its id; one that is being made already is that one. errs.Invalid
// report.month_ahead for a month that has not begun.
func (s *Service) Run(ctx context.Context, a authz.Actor, month string) (string, error) {
	if _, err := scope(a); err != nil {
		return "", err
	}
	return s.run(ctx, a, month, a.Region)
}

func (s *Service) run(ctx context.Context, a authz.Actor, month, region string) (string, error) {
	from, until, err := Span(month)
	now := s.Now()
	if err != nil {
		return "", err
	}
	cut := now.Add(-settle)
	if cut.Before(from) {
		return "", errs.New(errs.Invalid, "report.month_ahead", errs.P{"month": month})
	}
	r := Report{ID: ident.New(), Month: month, Region: region, State: Making, Cut: cut, Final: !cut.Before(until), Staff: a.StaffID, Created: now}
	err = s.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		id, fresh, err := beginReport(ctx, tx, r)
		if r.ID = id; err != nil || !fresh {
			return err
		}
		if err := job.EnqueueTx(ctx, tx, now, job.Spec{Kind: makeKind, Key: r.ID, Args: runArgs{r.ID}}); err != nil {
			return err
		}
		e := audit.Entry{Actor: a.Name(), Act: "report.run", Object: "report:" + r.ID, Reason: month, Via: a.Via, Agency: a.AgencyID}
		return audit.Tx(ctx, tx, now, e.From(s.Vault, a.Origin))
	})
	return r.ID, err
}

// makeJob counts and seals a report. It may run any number of times: the facts up to the cut are always the same.
func (s *Service) makeJob(ctx context.Context, j job.Job) error {
	var args runArgs
	if err := json.Unmarshal(j.Args, &args); err != nil {
		return job.Permanent(err)
	}
	r, err := reportOf(ctx, s.DB.R(), args.Report)
	if err != nil || r.State != Making {
		return err
	}
	lines, err := s.count(ctx, r)
	if err != nil {
		return err
	}
	r.SM3, r.Sealed = digest(r, lines), s.Now()
	return s.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error { return s.seal(ctx, tx, r, lines) })
}

// count adds up the facts of a report in all breakdowns.
func (s *Service) count(ctx context.Context, r Report) ([]Line, error) {
	gs, err := groups(ctx, s.DB.R(), counted(r.Month, r.Region6(), r.Cut))
	if err != nil {
		return nil, err
	}
	at := map[[2]string]int{}
	lines := []Line{{By: Total}}
	for _, g := range gs {
		lines[0].Add(g.Numbers)
		for by, key := range map[By]string{ByAgency: g.agency, ByItem: g.item, ByChannel: g.channel} {
			i, ok := at[[2]string{string(by), key}]
			if !ok {
				i = len(lines)
				at[[2]string{string(by), key}] = i
				lines = append(lines, Line{By: by, Key: key, Name: s.name(ctx, by, key)})
			}
			lines[i].Add(g.Numbers)
		}
	}
	sortLines(lines)
	return lines, nil
}

// sortLines puts the total first, then each breakdown by its keys: the order in which the digest is taken.
func sortLines(lines []Line) {
	slices.SortFunc(lines, func(x, y Line) int {
		return cmp.Or(cmp.Compare(slices.Index(Bys, x.By), slices.Index(Bys, y.By)), cmp.Compare(x.Key, y.Key))
	})
}

// name of a key as it is now; channels have texts instead.
func (s *Service) name(ctx context.Context, by By, key string) string {
	if key == "" || by == ByChannel || s.Name == nil {
		return ""
	}
	return s.Name(ctx, string(by), key)
}

// digest is SM3 over month, region and the numbers of all lines in order: not over names, which may change, nor over the cut, so that the same
// numbers have the same digest.
func digest(r Report, lines []Line) string {
	type sealedLine struct {
		By      By      `json:"by"`
		Key     string  `json:"key"`
		Numbers Numbers `json:"numbers"`
	}
	body := struct {
		Month  string       `json:"month"`
		Region string       `json:"region"`
		Lines  []sealedLine `json:"lines"`
	}{Month: r.Month, Region: r.Region}
	for _, l := range lines {
		body.Lines = append(body.Lines, sealedLine{l.By, l.Key, l.Numbers})
	}
	b, _ := json.Marshal(body) // numbers and strings
	sum := sm3.Sum(b)
	return hex.EncodeToString(sum[:])
}

// seal writes a report as the next version, or as the same as the one before.
func (s *Service) seal(ctx context.Context, tx *db.Tx, r Report, lines []Line) error {
	before, err := lastSealed(ctx, tx, r.Month, r.Region)
	if err != nil {
		return err
	}
	r.State, r.Version, r.Previous = Sealed, before.Version+1, before.ID
	if before.ID != "" {
		if r.Late, err = countFacts(ctx, tx, lateFacts(r, before.Cut)); err != nil {
			return err
		}
	}
	if before.ID != "" && before.SM3 == r.SM3 && before.Final == r.Final {
		r.State, r.SameAs, r.Previous, r.Version, r.Late = Same, before.ID, "", before.Version, 0
	}
	if err := sealReport(ctx, tx, r); err != nil {
		return err
	}
	if r.State == Sealed {
		for _, l := range lines {
			if err := insertLine(ctx, tx, r.ID, l); err != nil {
				return err
			}
		}
	}
	// The digest stands in the chained record too: numbers cannot be exchanged without its showing there.
	if err := audit.Tx(ctx, tx, r.Sealed, audit.Entry{Actor: "system", Act: "report.sealed", Object: "report:" + r.ID, Reason: r.Month + " " + r.SM3}); err != nil {
		return err
	}
	return event.Publish(ctx, tx, r.Sealed, SealedEvent{r.ID, r.Month, r.Region, r.Version, r.SM3})
}

// Reports lists the reports of the supervisor's own region, newest month and run first, at most a hundred.
func (s *Service) Reports(ctx context.Context, a authz.Actor) ([]Report, error) {
	if _, err := scope(a); err != nil {
		return nil, err
	}
	return reportsOf(ctx, s.DB.R(), a.Region, 100)
}

// Report gives a report with its lines and what changed; that of another region is errs.NotFound. One that repeats another shows that one's lines.
func (s *Service) Report(ctx context.Context, a authz.Actor, id string) (View, error) {
	r, err := s.seen(ctx, a, id)
	v := View{Report: r}
	if err != nil || r.State == Making {
		return v, err
	}
	if v.Lines, err = linesOf(ctx, s.DB.R(), cmp.Or(r.SameAs, r.ID)); err != nil || r.Previous == "" {
		return v, err
	}
	was, err := linesOf(ctx, s.DB.R(), r.Previous)
	v.Changes = changes(was, v.Lines)
	return v, err
}

func (s *Service) seen(ctx context.Context, a authz.Actor, id string) (Report, error) {
	if _, err := scope(a); err != nil {
		return Report{}, err
	}
	r, err := reportOf(ctx, s.DB.R(), id)
	if err == nil && !sees(a, r.Region) {
		err = errs.New(errs.NotFound, "report.not_found")
	}
	if err != nil {
		return Report{}, err
	}
	return r, nil
}

// changes lists the numbers that differ, in the order of the lines and fields.
func changes(was, now []Line) []Change {
	type place struct {
		by  By
		key string
	}
	old := map[place]Line{}
	for _, l := range was {
		old[place{l.By, l.Key}] = l
	}
	var out []Change
	compare := func(x, y Line) {
		for _, f := range Fields {
			if a, b := f.Get(x.Numbers), f.Get(y.Numbers); a != b {
				out = append(out, Change{By: y.By, Key: y.Key, Name: cmp.Or(y.Name, x.Name), Field: f.Key, Was: a, Now: b})
			}
		}
	}
	for _, l := range now {
		p := place{l.By, l.Key}
		compare(old[p], l)
		delete(old, p)
	}
	for _, l := range was { // facts are never taken away; a line can only go with a region that was redrawn
		if _, left := old[place{l.By, l.Key}]; left {
			compare(l, Line{By: l.By, Key: l.Key, Name: l.Name})
		}
	}
	return out
}

// Check counts a report anew from the facts up to its cut and compares the digests; it also recounts the stored lines. ok is false when anything
// differs.
func (s *Service) Check(ctx context.Context, a authz.Actor, id string) (ok bool, err error) {
	v, err := s.Report(ctx, a, id)
	if err != nil {
		return false, err
	}
	if v.State == Making {
		return false, errs.New(errs.Conflict, "report.still_making")
	}
	lines, err := s.count(ctx, v.Report)
	if err != nil {
		return false, err
	}
	ok = digest(v.Report, lines) == v.SM3 && digest(v.Report, v.Lines) == v.SM3
	now, said := s.Now(), "same"
	if !ok {
		said = "differs"
	}
	return ok, s.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		e := audit.Entry{Actor: a.Name(), Act: "report.check", Object: "report:" + id, Reason: said, Via: a.Via, Agency: a.AgencyID}
		return audit.Tx(ctx, tx, now, e.From(s.Vault, a.Origin))
	})
}
