package cases

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/base/event"
	"tongban/internal/domain/catalog"
	"tongban/internal/engine/flow"
)

// ExpertKey is the material key of the papers of an expert review.
const ExpertKey = "_expertise"

// What experts are kept as among the statements.
const (
	sayExperts   = "experts"
	sayExpertise = "expertise"
)

// The legal events of an expert review.
const (
	EventExperts   = "experts_named"
	EventExpertise = "expert_concluded"
)

// maxExperts is how many can be named for one review.
const maxExperts = 30

// Expert is one named for the case. Everybody declares whether they have an interest in it; who has one gives no opinion.
type Expert struct {
	Name     string `json:"name"`
	Unit     string `json:"unit"`
	Title    string `json:"title,omitempty"`
	Declared bool   `json:"declared"` // the declaration was made
	Conflict bool   `json:"conflict"` // and says that there is an interest
	Note     string `json:"note,omitempty"`
	Outcome  string `json:"outcome,omitempty"` // of the opinion: pass or fail
	Opinion  string `json:"opinion,omitempty"`
}

// Panel is an expert review: who was named, what they said, and the conclusion drawn from it. Concluded is zero while it is under way.
type Panel struct {
	Step       string    `json:"step"`
	Experts    []Expert  `json:"experts"`
	By         string    `json:"by"`
	At         time.Time `json:"at"`
	Outcome    string    `json:"outcome,omitempty"`
	Conclusion string    `json:"conclusion,omitempty"`
	Files      []string  `json:"files,omitempty"` // ids of what was uploaded
	Concluded  time.Time `json:"concluded,omitzero"`
	For        string    `json:"for,omitempty"`
}

// ExpertEvent tells that an expert review came to a conclusion; Opinions is how many experts spoke.
type ExpertEvent struct {
	Fact
	Step     string `json:"step"`
	Outcome  string `json:"outcome"`
	Opinions int    `json:"opinions"`
}

// Topic is the event's name.
func (ExpertEvent) Topic() string { return "cases.expert_concluded" }

// NameExperts names the experts of a review with their declarations; naming again before the conclusion replaces the list. As many as the flow wants
// must be without an interest.
func (s *Service) NameExperts(ctx context.Context, a authz.Actor, id string, version int64, step string, list []Expert) (Case, error) {
	list = slices.Clone(list)
	for i, x := range list {
		list[i] = Expert{Name: strings.TrimSpace(x.Name), Unit: strings.TrimSpace(x.Unit), Title: strings.TrimSpace(x.Title), Declared: x.Declared, Conflict: x.Conflict, Note: strings.TrimSpace(x.Note)}
	}
	return s.do(ctx, a, id, ActExperts, version, []any{step, list}, func(w *work) error {
		t, err := w.task(step, flow.Expert)
		if err != nil {
			return err
		}
		if err := checkExperts(list, t.Step); err != nil {
			return err
		}
		if err := w.to(ActExperts); err != nil {
			return err
		}
		w.note(EventExperts, w.now, w.by, stepData{Step: t.Step.Key, Kind: t.Step.Kind, N: len(list)})
		w.effect(func(ctx context.Context, tx *db.Tx) error {
			return s.putOpinionTx(ctx, tx, w.c.ID, sayExperts, t.Step.Key, "", w.by, w.now, Panel{Step: t.Step.Key, Experts: list})
		})
		return nil
	})
}

func checkExperts(list []Expert, st flow.Step) error {
	var fs []Finding
	add := func(i int, part, key string, p errs.P) {
		fs = append(fs, Finding{Path: fmt.Sprintf("experts.%d.%s", i, part), Key: key, Params: p})
	}
	free := 0
	for i, x := range list {
		switch {
		case x.Name == "":
			add(i, "name", "cases.expert_name", nil)
		case x.Unit == "":
			add(i, "unit", "cases.expert_unit", nil)
		case slices.ContainsFunc(list[:i], func(y Expert) bool { return y.Name == x.Name && y.Unit == x.Unit }):
			add(i, "name", "cases.expert_twice", nil)
		case !x.Declared:
			add(i, "declared", "cases.expert_declare", nil)
		case x.Conflict && x.Note == "":
			add(i, "note", "cases.expert_note", nil)
		}
		for part, text := range map[string]string{"name": x.Name, "unit": x.Unit, "title": x.Title, "note": x.Note} {
			if len([]rune(text)) > 200 {
				add(i, part, "cases.too_long", errs.P{"max": 200})
			}
		}
		if !x.Conflict {
			free++
		}
	}
	if len(fs) == 0 && (free < st.Need || len(list) > maxExperts) {
		fs = append(fs, Finding{Path: "experts", Key: "cases.too_few_experts", Params: errs.P{"need": st.Need, "max": maxExperts}})
	}
	return errs.Fields("cases.incomplete", fs)
}

// Expertise is what came of a review. Opinions are by the order in which the experts were named.
type Expertise struct {
	Step       string         `json:"step,omitempty"`
	Opinions   map[int]Expert `json:"opinions"` // of each: Outcome and Opinion
	Outcome    string         `json:"outcome"`  // pass or fail
	Conclusion string         `json:"conclusion"`
	Files      []string       `json:"files,omitempty"` // ids of files attached with AttachExpertise
}

// ConcludeExperts records the opinions of the experts and the written conclusion, typed or uploaded, and goes on. Errors: errs.Conflict
// cases.experts_first, cases.incomplete with too few opinions.
func (s *Service) ConcludeExperts(ctx context.Context, a authz.Actor, id string, version int64, in Expertise) (Case, error) {
	in.Conclusion = strings.TrimSpace(in.Conclusion)
	return s.do(ctx, a, id, ActExpertise, version, in, func(w *work) error {
		t, err := w.task(in.Step, flow.Expert)
		if err != nil {
			return err
		}
		panel, err := w.panelNow(ctx, t.Step)
		if err != nil {
			return err
		}
		spoke, err := w.concluded(ctx, t.Step, &panel, in)
		if err != nil {
			return err
		}
		if err := w.to(ActExpertise); err != nil {
			return err
		}
		w.note(EventExpertise, w.now, w.by, stepData{Step: t.Step.Key, Kind: t.Step.Kind, N: spoke, Outcome: in.Outcome})
		if err := w.flowEvent(flow.Event{Kind: flow.EventDone, Step: t.Step.Key, By: []string{a.StaffID}, Outcome: in.Outcome}); err != nil {
			return err
		}
		panel.For = w.standsFor
		w.effect(func(ctx context.Context, tx *db.Tx) error {
			return s.putOpinionTx(ctx, tx, w.c.ID, sayExpertise, t.Step.Key, in.Outcome, w.by, w.now, panel)
		})
		w.tell(func() event.Event {
			return ExpertEvent{Fact: w.fact(), Step: t.Step.Key, Outcome: in.Outcome, Opinions: spoke}
		})
		return nil
	})
}

// panelNow gives the experts named since the step was entered.
func (w *work) panelNow(ctx context.Context, st flow.Step) (Panel, error) {
	said, err := w.s.sayings(ctx, w.c.ID)
	if err != nil {
		return Panel{}, err
	}
	for _, p := range slices.Backward(said.panels) {
		if p.Step == st.Key && p.Concluded.IsZero() && !p.At.Before(w.entered(st)) {
			return p, nil
		}
	}
	return Panel{}, errs.New(errs.Conflict, "cases.experts_first", errs.P{"step": st.Name})
}

// concluded checks what the experts and the conclusion must say, and puts it into the panel; spoke counts the opinions.
func (w *work) concluded(ctx context.Context, st flow.Step, panel *Panel, in Expertise) (spoke int, err error) {
	var fs []Finding
	add := func(path, key string, p errs.P) { fs = append(fs, Finding{Path: path, Key: key, Params: p}) }
	for i := range panel.Experts {
		x := &panel.Experts[i]
		x.Outcome, x.Opinion = in.Opinions[i].Outcome, strings.TrimSpace(in.Opinions[i].Opinion)
		at := fmt.Sprintf("opinions.%d", i)
		switch {
		case x.Outcome == "" && x.Opinion == "":
			continue
		case x.Conflict:
			add(at, "cases.expert_conflict", errs.P{"name": x.Name})
		case x.Outcome != OpinionPass && x.Outcome != OpinionFail:
			add(at, "cases.choose_outcome", nil)
		case x.Opinion == "" || len([]rune(x.Opinion)) > maxWords:
			add(at, "cases.expert_opinion", errs.P{"name": x.Name, "max": maxWords})
		}
		spoke++
	}
	if spoke < st.Need {
		add("opinions", "cases.too_few_opinions", errs.P{"need": st.Need, "n": spoke})
	}
	if in.Outcome != OpinionPass && in.Outcome != OpinionFail {
		add("outcome", "cases.choose_outcome", nil)
	}
	if in.Conclusion == "" && len(in.Files) == 0 || len([]rune(in.Conclusion)) > maxWords {
		add("conclusion", "cases.expert_conclusion", errs.P{"max": maxWords})
	}
	files, err := w.s.findFiles(ctx, w.s.DB.R(), w.c.ID)
	if err != nil {
		return 0, err
	}
	for _, id := range in.Files {
		if !slices.ContainsFunc(files, func(f File) bool { return f.ID == id && f.Material == ExpertKey && !f.Removed }) {
			add("files", "cases.unknown_photo", nil)
		}
	}
	panel.Outcome, panel.Conclusion, panel.Files = in.Outcome, in.Conclusion, in.Files
	return spoke, errs.Fields("cases.incomplete", fs)
}

// AttachExpertise stores a paper of an expert review, for whoever handles it.
func (s *Service) AttachExpertise(ctx context.Context, a authz.Actor, id string, u Upload) (File, error) {
	w, err := s.load(ctx, a, id)
	if err != nil {
		return File{}, err
	}
	if _, err := w.task("", flow.Expert); err != nil {
		return File{}, err
	}
	if _, err := next(w.was.State, ActExpertise); err != nil {
		return File{}, err
	}
	if f, ok, err := s.uploaded(ctx, w, u.ClientKey); err != nil || ok {
		return f, err
	}
	m := catalog.Material{Key: ExpertKey, Name: cn("cases.expertise"), Formats: []string{"pdf", "jpg", "png"}, MaxMB: defaultMB, MaxFiles: 10}
	return s.store(ctx, w, m, SourceOfficer, u)
}

// putPanel takes what is known of a review over; naming again and concluding replace what was there of the same step until it is concluded.
func (x *said) putPanel(p Panel) {
	if n := len(x.panels); n > 0 && x.panels[n-1].Step == p.Step && x.panels[n-1].Concluded.IsZero() {
		x.panels[n-1] = p
		return
	}
	x.panels = append(x.panels, p)
}
