package casesweb

import (
	"context"
	"net/http"

	"tongban/internal/base/authz"
	"tongban/internal/base/web"
	"tongban/internal/domain/cases"
)

// Consulting is asking other agencies and experts, handing work over, and taking a running case over to another version.
type Consulting interface {
	Ask(ctx context.Context, a authz.Actor, id string, version int64, in cases.Question) (cases.Case, error)
	Answer(ctx context.Context, a authz.Actor, id string, version int64, in cases.Answer) (cases.Case, error)
	Recall(ctx context.Context, a authz.Actor, id string, version int64, consult string) (cases.Case, error)
	NameExperts(ctx context.Context, a authz.Actor, id string, version int64, step string, list []cases.Expert) (cases.Case, error)
	ConcludeExperts(ctx context.Context, a authz.Actor, id string, version int64, in cases.Expertise) (cases.Case, error)
	Delegate(ctx context.Context, a authz.Actor, id string, version int64, in cases.Delegation) (cases.Case, error)
	PlanMigration(ctx context.Context, a authz.Actor, id string, to int) (cases.MigrationPlan, error)
	Migrate(ctx context.Context, a authz.Actor, id string, version int64, in cases.Migration) (cases.Case, error)
}

type consultAskIn struct {
	ID   string `path:"id" maxLength:"64"`
	Body struct {
		Version int64  `json:"version"`
		Step    string `json:"step,omitempty" maxLength:"100" doc:"which of several open steps asks; empty: the first of yours"`
		Post    string `json:"post" minLength:"1" maxLength:"100" doc:"post of another agency"`
		Text    string `json:"text" maxLength:"2000"`
		N       int    `json:"n" minimum:"1" maximum:"60" doc:"working days to answer"`
		Silence string `json:"silence,omitempty" enum:"agree,none" doc:"what it means that nobody answers in time; empty: the question waits. Silence never decides"`
		Wait    bool   `json:"wait,omitempty" doc:"the step is not finished, and nothing decided, before the answer"`
	}
}

type consultAnswerIn struct {
	ID   string `path:"id" maxLength:"64"`
	Body struct {
		Version int64  `json:"version"`
		Consult string `json:"consult,omitempty" maxLength:"64" doc:"which question; empty: your only one"`
		Outcome string `json:"outcome" enum:"agree,advise,object"`
		Text    string `json:"text,omitempty" maxLength:"2000"`
	}
}

type consultRecallIn struct {
	ID   string `path:"id" maxLength:"64"`
	Body struct {
		Version int64  `json:"version"`
		Consult string `json:"consult,omitempty" maxLength:"64"`
	}
}

// ExpertDoc is an expert named for a review.
type ExpertDoc struct {
	Name     string `json:"name" maxLength:"100"`
	Unit     string `json:"unit" maxLength:"200"`
	Title    string `json:"title,omitempty" maxLength:"100"`
	Declared bool   `json:"declared" doc:"the declaration of interest was made"`
	Conflict bool   `json:"conflict,omitempty" doc:"and says that there is one: the expert stands aside"`
	Note     string `json:"note,omitempty" maxLength:"200"`
}

type expertsIn struct {
	ID   string `path:"id" maxLength:"64"`
	Body struct {
		Version int64       `json:"version"`
		Step    string      `json:"step,omitempty" maxLength:"100"`
		Experts []ExpertDoc `json:"experts" minItems:"1" maxItems:"30"`
	}
}

// ExpertOpinionDoc is what one expert said.
type ExpertOpinionDoc struct {
	Expert  int    `json:"expert" minimum:"0" doc:"place in the list of experts, from 0"`
	Outcome string `json:"outcome" enum:"pass,fail"`
	Text    string `json:"text" maxLength:"2000"`
}

type expertiseIn struct {
	ID   string `path:"id" maxLength:"64"`
	Body struct {
		Version    int64              `json:"version"`
		Step       string             `json:"step,omitempty" maxLength:"100"`
		Opinions   []ExpertOpinionDoc `json:"opinions" maxItems:"30"`
		Outcome    string             `json:"outcome" enum:"pass,fail"`
		Conclusion string             `json:"conclusion,omitempty" maxLength:"2000"`
		Files      []string           `json:"files,omitempty" maxItems:"10" doc:"ids of uploaded papers; one of conclusion and files is needed"`
	}
}

type caseDelegateIn struct {
	ID   string `path:"id" maxLength:"64"`
	Body struct {
		Version int64  `json:"version"`
		Step    string `json:"step,omitempty" maxLength:"100"`
		Staff   string `json:"staff" minLength:"1" maxLength:"64" doc:"staff id of a holder of the step's post"`
		Until   string `json:"until" format:"date" doc:"last day, at most 90 days on"`
	}
}

type migrationPlanIn struct {
	ID string `path:"id" maxLength:"64"`
	To int    `query:"to" minimum:"0" doc:"version of the item; 0: the newest"`
}

type migrationPlanOut struct{ Body cases.MigrationPlan }

type caseMigrateIn struct {
	ID   string `path:"id" maxLength:"64"`
	Body struct {
		Version int64  `json:"version" doc:"of the case"`
		To      int    `json:"to,omitempty" minimum:"0" doc:"version of the item; 0: the newest"`
		Reason  string `json:"reason" maxLength:"2000"`
	}
}

// consultOps are the acts of asking others, and those on who does the work and by which version.
func consultOps(a *web.API, h handlers) {
	act(a, "consult", "Ask a post of another agency for its opinion", func(ctx context.Context, who authz.Actor, in *consultAskIn) (cases.Case, error) {
		b := in.Body
		return h.Cases.Ask(ctx, who, in.ID, b.Version, cases.Question{Step: b.Step, Post: b.Post, Text: b.Text, N: b.N, Silence: b.Silence, Wait: b.Wait})
	})
	act(a, "answer-consult", "Answer a question your post was asked", func(ctx context.Context, who authz.Actor, in *consultAnswerIn) (cases.Case, error) {
		return h.Cases.Answer(ctx, who, in.ID, in.Body.Version, cases.Answer{ID: in.Body.Consult, Outcome: in.Body.Outcome, Text: in.Body.Text})
	})
	act(a, "withdraw-consult", "Take a question back", func(ctx context.Context, who authz.Actor, in *consultRecallIn) (cases.Case, error) {
		return h.Cases.Recall(ctx, who, in.ID, in.Body.Version, in.Body.Consult)
	})
	act(a, "name-experts", "Name the experts of a review with their declarations", func(ctx context.Context, who authz.Actor, in *expertsIn) (cases.Case, error) {
		var list []cases.Expert
		for _, x := range in.Body.Experts {
			list = append(list, cases.Expert{Name: x.Name, Unit: x.Unit, Title: x.Title, Declared: x.Declared, Conflict: x.Conflict, Note: x.Note})
		}
		return h.Cases.NameExperts(ctx, who, in.ID, in.Body.Version, in.Body.Step, list)
	})
	act(a, "expert-conclusion", "Record the experts' opinions and the conclusion", func(ctx context.Context, who authz.Actor, in *expertiseIn) (cases.Case, error) {
		b := in.Body
		out := cases.Expertise{Step: b.Step, Outcome: b.Outcome, Conclusion: b.Conclusion, Files: b.Files, Opinions: map[int]cases.Expert{}}
		for _, o := range b.Opinions {
			out.Opinions[o.Expert] = cases.Expert{Outcome: o.Outcome, Opinion: o.Text}
		}
		return h.Cases.ConcludeExperts(ctx, who, in.ID, b.Version, out)
	})
	act(a, "delegate", "Hand a step over to a colleague for a time", func(ctx context.Context, who authz.Actor, in *caseDelegateIn) (cases.Case, error) {
		return h.Cases.Delegate(ctx, who, in.ID, in.Body.Version, cases.Delegation{Step: in.Body.Step, Staff: in.Body.Staff, Until: in.Body.Until})
	})
	op(a, authz.CaseDesk, operation(http.MethodGet, "/cases/{id}/migration", "case-migration", "What going over to another version would do, without doing it", "desk"), func(ctx context.Context, who authz.Actor, in *migrationPlanIn) (*migrationPlanOut, error) {
		p, err := h.Cases.PlanMigration(ctx, who, in.ID, in.To)
		return &migrationPlanOut{p}, err
	})
	act(a, "migrate", "Take a running case over to another version of its item", func(ctx context.Context, who authz.Actor, in *caseMigrateIn) (cases.Case, error) {
		return h.Cases.Migrate(ctx, who, in.ID, in.Body.Version, cases.Migration{To: in.Body.To, Reason: in.Body.Reason})
	})
}
