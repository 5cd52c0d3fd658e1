package cases

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/base/event"
	"tongban/internal/base/i18n"
	"tongban/internal/engine/flow"
	"tongban/internal/engine/form"
)

// How the applicant confirmed a correction on the spot.
const (
	SpotPresent = "present" // stood at the window
	SpotCall    = "call"    // was called
)

// SpotWays lists them.
var SpotWays = []string{SpotPresent, SpotCall}

// Spot is a correction on the spot (当场更正, 行政许可法 第三十二条第一款第三项): errors in answers of the form put right together with the applicant, before
// acceptance and without a notice. What was sent and signed stays as it was; the correction is a record of its own. Answers are the new ones by
// field; Changes, what was and what is, are filled on reading.
type Spot struct {
	Answers   form.Answers  `json:"answers"`
	How       string        `json:"how"`
	Confirmed bool          `json:"confirmed"` // the officer states that the applicant confirmed every change
	Note      string        `json:"note,omitempty"`
	Round     int           `json:"round,omitempty"`
	Old       form.Answers  `json:"old,omitempty"`
	Changes   []form.Change `json:"-"`
	By        string        `json:"by,omitempty"`
	At        time.Time     `json:"at,omitzero"`
}

// spotData is what the event holds: which fields, no answers.
type spotData struct {
	Round  int      `json:"round"`
	Fields []string `json:"fields"`
	How    string   `json:"how"`
}

// CorrectOnTheSpot puts answers right with the applicant at hand. Only fields of the form can be: not those a register fills, not declarations, not
// what is computed, and nothing that would call for another material or break a rule that held before; those are errs.Invalid with the fields. The day of
// receipt stays what it was.
func (s *Service) CorrectOnTheSpot(ctx context.Context, a authz.Actor, id string, version int64, in Spot) (Case, error) {
	in = Spot{Answers: in.Answers, How: in.How, Confirmed: in.Confirmed, Note: strings.TrimSpace(in.Note)}
	return s.do(ctx, a, id, ActSpot, version, in, func(w *work) error {
		if err := w.officer(flow.Accept); err != nil {
			if other := w.officer(flow.Receive); other != nil {
				return err
			}
		}
		if err := w.correctable(in); err != nil {
			return err
		}
		was := w.c.content
		is := was
		is.Form = merge(w.form, was.Form, overlay(was.Form, in.Answers))
		is.Form = w.form.Clean(is.Form)
		changes := w.diff(ctx, was.Form, is.Form)
		if len(changes) == 0 {
			return errs.New(errs.Invalid, "cases.spot_same")
		}
		if err := w.stillReady(ctx, is); err != nil {
			return err
		}
		if err := w.to(ActSpot); err != nil {
			return err
		}
		keys := differing(was.Form, is.Form) // also what the new answers hide
		in.Round, in.Answers, in.Old = w.c.Round, picked(is.Form, keys), picked(was.Form, keys)
		w.c.content = is
		w.note(EventSpot, w.now, w.by, spotData{Round: in.Round, Fields: slices.DeleteFunc(keys, func(k string) bool { return k == form.SourceKey }), How: in.How})
		w.effect(func(ctx context.Context, tx *db.Tx) error {
			return s.putOpinionTx(ctx, tx, w.c.ID, saySpot, "", in.How, w.by, w.now, in)
		})
		w.inform("case.corrected_on_the_spot", map[string]string{"reason": changed(changes)})
		w.tell(func() event.Event { return CorrectedOnTheSpotEvent{w.fact(), in.How, len(changes)} })
		return nil
	})
}

// correctable checks who confirmed, how, and that only answers a person gave are touched.
func (w *work) correctable(in Spot) error {
	var fs []Finding
	if !slices.Contains(SpotWays, in.How) {
		fs = append(fs, Finding{Path: "how", Key: "cases.spot_how"})
	}
	if !in.Confirmed {
		fs = append(fs, Finding{Path: "confirmed", Key: "cases.spot_confirm"})
	}
	if len([]rune(in.Note)) > maxWords {
		fs = append(fs, Finding{Path: "note", Key: "cases.too_long", Params: errs.P{"max": maxWords}})
	}
	if len(in.Answers) == 0 {
		fs = append(fs, Finding{Path: "answers", Key: "cases.spot_none"})
	}
	def := fillable(w.form, w.c.content.Form)
	for key := range in.Answers {
		if f, ok := fieldOf(def, key); !ok || !correctableField(f) || w.hidden(key) {
			label := first(f.Label, key)
			fs = append(fs, Finding{Path: "form." + key, Key: "cases.spot_not_here", Params: errs.P{"label": label}})
		}
	}
	slices.SortFunc(fs, func(a, b Finding) int { return strings.Compare(a.Path, b.Path) })
	return errs.Fields("cases.incomplete", fs)
}

// correctableField: a declaration is the applicant's own word, and what a register or the program filled is not theirs to change.
func correctableField(f form.Field) bool {
	return !f.ReadOnly && f.Kind != form.Declaration && f.Kind != form.Computed && f.Kind != form.Notice
}

// SpotFields gives the fields that can be put right on the spot, as a form of their own with the answers that hold now.
func (d Detail) SpotFields() form.Definition {
	out := d.Form
	out.Sections = nil
	for _, s := range d.Form.Sections {
		s.Fields = slices.DeleteFunc(slices.Clone(s.Fields), func(f form.Field) bool { return !correctableField(f) })
		if len(s.Fields) > 0 {
			out.Sections = append(out.Sections, s)
		}
	}
	return out
}

// stillReady checks the corrected answers by the form's own rules: what was in order before must be in order afterwards, and no other material may
// become due by it, for which there is the notice.
func (w *work) stillReady(ctx context.Context, is content) error {
	files, err := w.s.findFiles(ctx, w.s.DB.R(), w.c.ID)
	if err != nil {
		return err
	}
	before, err := w.ready(ctx, files)
	if err != nil {
		return err
	}
	was := w.c.content
	w.c.content = is
	after, err := w.ready(ctx, files)
	w.c.content = was
	if err != nil {
		return err
	}
	fresh := slices.DeleteFunc(after.Findings, func(f Finding) bool {
		return slices.ContainsFunc(before.Findings, func(o Finding) bool { return o.Path == f.Path && o.Key == f.Key })
	})
	return errs.Fields("cases.spot_not_ready", fresh)
}

// overlay lays new answers over the ones that hold; nil takes one away.
func overlay(was, now form.Answers) form.Answers {
	out := maps.Clone(was)
	if out == nil {
		out = form.Answers{}
	}
	for k, v := range now {
		if out[k] = v; v == nil {
			delete(out, k)
		}
	}
	return out
}

// differing names the answers in which two sets differ, sorted.
func differing(a, b form.Answers) []string {
	all := maps.Clone(a)
	maps.Copy(all, b)
	return slices.DeleteFunc(slices.Sorted(maps.Keys(all)), func(k string) bool {
		return same(content{Form: form.Answers{k: a[k]}}, content{Form: form.Answers{k: b[k]}})
	})
}

// picked gives the answers of some fields; nil where there is none.
func picked(from form.Answers, keys []string) form.Answers {
	out := form.Answers{}
	for _, k := range keys {
		out[k] = from[k]
	}
	return out
}

// changed names what was put right.
func changed(cs []form.Change) string {
	var out []string
	for _, c := range cs {
		if !slices.Contains(out, c.Label) {
			out = append(out, c.Label)
		}
	}
	return strings.Join(out, i18n.In(i18n.Chinese, "cases.mandate_comma"))
}

// asHeld gives the submissions as they are judged, with what was put right on the spot.
func (s *Service) asHeld(ctx context.Context, id string) ([]snapshot, error) {
	snaps, err := s.snapshots(ctx, id)
	if err != nil || len(snaps) == 0 {
		return snaps, err
	}
	x, err := s.sayings(ctx, id)
	return corrected(snaps, x.spots), err
}

// corrected lays the corrections made on the spot over the submissions they were made to: what officers see and judge. The submissions as they were
// signed stay stored.
func corrected(snaps []snapshot, spots []Spot) []snapshot {
	for _, x := range spots {
		for i := range snaps {
			if snaps[i].Round == x.Round {
				snaps[i].Content.Form = overlay(snaps[i].Content.Form, x.Answers)
			}
		}
	}
	return snaps
}

// shownSpots puts the corrections into words; what the reader's step keeps back is left out, and personal values are masked for staff.
func (w *work) shownSpots(ctx context.Context, xs []Spot, own bool) []Spot {
	for i, x := range xs {
		cs := w.diff(ctx, x.Old, x.Answers)
		if !own {
			cs = slices.DeleteFunc(cs, func(c form.Change) bool { return w.hidden(c.Key) })
			for j := range cs {
				cs[j].Old, cs[j].New = maskBy(cs[j].Level, cs[j].Old), maskBy(cs[j].Level, cs[j].New)
			}
		}
		xs[i].Changes, xs[i].Answers, xs[i].Old = cs, nil, nil
	}
	return xs
}

func fieldOf(def form.Definition, key string) (form.Field, bool) {
	for _, s := range def.Sections {
		for _, f := range s.Fields {
			if f.Key == key {
				return f, true
			}
		}
	}
	return form.Field{}, false
}
