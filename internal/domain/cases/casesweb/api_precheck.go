package casesweb

import (
	"context"
	"net/http"
	"time"

	"tongban/internal/base/authz"
	"tongban/internal/base/web"
	"tongban/internal/domain/cases"
	"tongban/internal/engine/form"
)

type askPrecheckIn struct {
	ID   string `path:"id" maxLength:"64"`
	Body struct {
		Version int64  `json:"version"`
		Note    string `json:"note,omitempty" maxLength:"500" doc:"what you would like to know"`
	}
}

type answerPrecheckIn struct {
	ID   string `path:"id" maxLength:"64"`
	Body struct {
		Version int64       `json:"version"`
		Ready   bool        `json:"ready" doc:"it can be sent as it is; then without defects"`
		Advice  string      `json:"advice,omitempty" maxLength:"2000"`
		Defects []AdviceDoc `json:"defects,omitempty" maxItems:"200" doc:"what would be missing"`
	}
}

// AdviceDoc is one place of a draft that would be missing something.
type AdviceDoc struct {
	Kind string `json:"kind" enum:"field,material"`
	Key  string `json:"key" maxLength:"100"`
	Text string `json:"text" maxLength:"1000"`
}

type spotIn struct {
	ID   string `path:"id" maxLength:"64"`
	Body struct {
		Version   int64          `json:"version"`
		Answers   map[string]any `json:"answers" doc:"the new answers by field key; null takes one away"`
		How       string         `json:"how" enum:"present,call" doc:"how the applicant confirmed it"`
		Confirmed bool           `json:"confirmed" doc:"the applicant confirmed every change"`
		Note      string         `json:"note,omitempty" maxLength:"2000"`
	}
}

// SpotDoc is a correction on the spot as its reader may see it: staff read masked answers.
type SpotDoc struct {
	At      time.Time    `json:"at"`
	By      string       `json:"by" doc:"person:<id>, staff:<id> or system"`
	How     string       `json:"how" enum:"present,call"`
	Note    string       `json:"note,omitempty"`
	Round   int          `json:"round" doc:"of the submission it was made to"`
	Changes []SpotChange `json:"changes"`
}

// SpotChange is one answer put right.
type SpotChange struct {
	Key   string `json:"key"`
	Label string `json:"label"`
	Old   string `json:"old"`
	New   string `json:"new"`
}

type beforehandOut struct {
	Body struct {
		PreReviews  []cases.Precheck `json:"pre_reviews"`
		Corrections []SpotDoc        `json:"corrections_on_the_spot"`
	}
}

// precheckOps are the pre-review of a draft and the correction on the spot.
func precheckOps(a *web.API, h handlers) {
	op(a, authz.CaseApply, operation(http.MethodPost, "/drafts/{id}/pre-review", "ask-pre-review", "Ask the accepting post to look a draft over; nothing is applied for by it", "drafts"), func(ctx context.Context, who authz.Actor, in *askPrecheckIn) (*versionOut, error) {
		c, err := h.Cases.AskPrecheck(ctx, who, in.ID, in.Body.Version, in.Body.Note)
		out := &versionOut{}
		out.Body.Version = c.Version
		return out, err
	})
	op(a, authz.CaseApply, operation(http.MethodPost, "/drafts/{id}/pre-review/take-back", "take-back-pre-review", "Take a draft back before anybody has answered", "drafts"), func(ctx context.Context, who authz.Actor, in *versionIn) (*versionOut, error) {
		c, err := h.Cases.TakeBackPrecheck(ctx, who, in.ID, in.Body.Version)
		out := &versionOut{}
		out.Body.Version = c.Version
		return out, err
	})
	op(a, authz.CaseApply, operation(http.MethodGet, "/drafts/{id}/pre-review", "get-pre-reviews", "What was advised on a draft, and what was put right on the spot", "drafts"), func(ctx context.Context, who authz.Actor, in *draftID) (*beforehandOut, error) {
		d, err := h.ownDraft(ctx, who, in.ID)
		if err != nil {
			return nil, err
		}
		out := &beforehandOut{}
		out.Body.PreReviews, out.Body.Corrections = append([]cases.Precheck{}, d.Prechecks...), []SpotDoc{}
		for _, x := range d.Spots {
			out.Body.Corrections = append(out.Body.Corrections, spotDoc(x))
		}
		return out, nil
	})
	act(a, "pre-review", "Advise on a draft; it goes back to the applicant, who may send it whatever was said", func(ctx context.Context, who authz.Actor, in *answerPrecheckIn) (cases.Case, error) {
		p := cases.Precheck{Ready: in.Body.Ready, Advice: in.Body.Advice}
		for _, d := range in.Body.Defects {
			p.Defects = append(p.Defects, cases.Defect{Kind: d.Kind, Key: d.Key, Text: d.Text})
		}
		return h.Cases.AnswerPrecheck(ctx, who, in.ID, in.Body.Version, p)
	})
	act(a, "correct-on-the-spot", "Put answers right with the applicant at hand, before acceptance", func(ctx context.Context, who authz.Actor, in *spotIn) (cases.Case, error) {
		b := in.Body
		return h.Cases.CorrectOnTheSpot(ctx, who, in.ID, b.Version, cases.Spot{Answers: form.Answers(b.Answers), How: b.How, Confirmed: b.Confirmed, Note: b.Note})
	})
}

func spotDoc(x cases.Spot) SpotDoc {
	out := SpotDoc{At: x.At, By: x.By, How: x.How, Note: x.Note, Round: x.Round, Changes: []SpotChange{}}
	for _, c := range x.Changes {
		out.Changes = append(out.Changes, SpotChange{Key: c.Key, Label: c.Label, Old: c.Old, New: c.New})
	}
	return out
}
