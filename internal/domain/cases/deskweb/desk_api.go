package deskweb

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"tongban/internal/base/authz"
	"tongban/internal/base/errs"
	"tongban/internal/base/web"
	"tongban/internal/domain/cases"
	"tongban/internal/domain/desk"
)

// DeskConditions narrow an inbox over the API; the names are those of the page's address.
type DeskConditions struct {
	Tab     string `query:"tab" json:"tab,omitempty" enum:"todo,doing,done,all" default:"todo"`
	Post    string `query:"post" json:"post,omitempty" maxLength:"100"`
	Item    string `query:"item" json:"item,omitempty" maxLength:"100"`
	State   string `query:"state" json:"state,omitempty" maxLength:"30"`
	Channel string `query:"channel" json:"channel,omitempty" maxLength:"30"`
	Region  string `query:"region" json:"region,omitempty" maxLength:"12"`
	Kind    string `query:"kind" json:"kind,omitempty" maxLength:"10" doc:"of the applicant: person or firm"`
	Days    int    `query:"days" json:"days,omitempty" minimum:"0" maximum:"365" doc:"due within so many working days"`
	Overdue bool   `query:"overdue" json:"overdue,omitempty"`
	Mine    bool   `query:"mine" json:"mine,omitempty" doc:"taken up by me"`
	Urged   bool   `query:"urged" json:"urged,omitempty"`
	Unread  bool   `query:"unread" json:"unread,omitempty" doc:"with unread messages"`
}

type deskCasesIn struct {
	DeskConditions
	Filter string `query:"filter" maxLength:"64" doc:"id of a saved filter; then the other conditions do not count"`
	After  string `query:"after" maxLength:"200"`
	Limit  int    `query:"limit" minimum:"1" maximum:"100" default:"20"`
}

// DeskCases is one page of an inbox with what presses.
type DeskCases struct {
	Cases   []cases.Case   `json:"cases"`
	Next    string         `json:"next,omitempty"`
	Todo    int            `json:"todo" doc:"waits at my posts; counted to 1000"`
	Soon    int            `json:"soon"`
	Overdue int            `json:"overdue"`
	Posts   map[string]int `json:"posts"`
}

// DeskFilter is a saved filter.
type DeskFilter struct {
	ID         string         `json:"id,omitempty" readOnly:"true"`
	Name       string         `json:"name" minLength:"1" maxLength:"30"`
	Conditions DeskConditions `json:"conditions"`
	Default    bool           `json:"default,omitempty"`
}

type deskFilterIn struct{ Body DeskFilter }

type deskFiltersOut struct {
	Body struct {
		Filters []DeskFilter `json:"filters"`
	}
}

type deskNoteIn struct {
	ID   string `path:"id" maxLength:"64"`
	Body struct {
		Key  string `json:"key" minLength:"1" maxLength:"100" doc:"made by the client: a repeat adds nothing"`
		Text string `json:"text" minLength:"1" maxLength:"2000"`
	}
}

// DeskNote is a private note.
type DeskNote struct {
	ID   string    `json:"id"`
	Text string    `json:"text"`
	At   time.Time `json:"at"`
}

type deskNotesOut struct {
	Body struct {
		Notes []DeskNote `json:"notes"`
	}
}

// DeskChosen is one case of a run, at the version the client has seen.
type DeskChosen struct {
	ID      string `json:"id" maxLength:"64"`
	Version int64  `json:"version"`
}

type deskBatchIn struct {
	Body struct {
		Key   string       `json:"key" minLength:"1" maxLength:"100" doc:"made by the client: a repeat goes on with the same run"`
		Act   string       `json:"act" enum:"take_up,release,assign,receive,accept,opinion"`
		Staff string       `json:"staff,omitempty" maxLength:"64" doc:"of assign"`
		Text  string       `json:"text,omitempty" maxLength:"2000" doc:"of opinion, which passes"`
		Cases []DeskChosen `json:"cases" minItems:"1" maxItems:"100"`
	}
}

// DeskRun is one act over many cases with what came of each.
type DeskRun struct {
	ID    string      `json:"id"`
	Act   string      `json:"act"`
	Lines []desk.Line `json:"lines"`
}

type deskRunOut struct{ Body DeskRun }

type deskRunIn struct {
	Batch string `path:"batch" maxLength:"64"`
}

type deskIDIn struct {
	ID string `path:"id" maxLength:"64"`
}

type deskCasesOut struct{ Body DeskCases }

type deskFilterOut struct{ Body DeskFilter }

// AddAPI adds the officer's desk to the API: the inbox with filters, saved filters, private notes and acts on many cases.
func AddAPI(a *web.API, c Config) {
	h, op := handlers{c}, func(method, path, id, summary string) huma.Operation {
		return huma.Operation{Method: method, Path: "/desk" + path, OperationID: id, Summary: summary, Tags: []string{"desk"}}
	}
	web.Op(a, authz.CaseDesk, op(http.MethodGet, "/cases", "desk-cases", "My inbox with filters, what binds first coming first"), h.apiCases)
	web.Op(a, authz.CaseDesk, op(http.MethodGet, "/filters", "desk-filters", "My saved filters"), h.apiFilters)
	web.Op(a, authz.CaseDesk, op(http.MethodPost, "/filters", "save-desk-filter", "Save a filter; one of the same name is replaced"), h.apiSaveFilter)
	web.Op(a, authz.CaseDesk, op(http.MethodGet, "/cases/{id}/notes", "desk-notes", "My private notes on a case"), h.apiNotes)
	web.Op(a, authz.CaseDesk, op(http.MethodPost, "/cases/{id}/notes", "add-desk-note", "Add a private note"), h.apiAddNote)
	web.Op(a, authz.CaseDesk, op(http.MethodPost, "/batches", "desk-batch", "Do one act on many cases, each by itself"), h.apiBatch)
	web.Op(a, authz.CaseDesk, op(http.MethodGet, "/batches/{batch}", "get-desk-batch", "What came of an act on many cases"), h.apiRun)
}

func (h handlers) apiCases(ctx context.Context, in *deskCasesIn) (*deskCasesOut, error) {
	a, conds := authz.From(ctx), desk.Conditions(in.DeskConditions)
	if in.Filter != "" {
		fs, err := h.Desk.Filters(ctx, a)
		if err != nil {
			return nil, err
		}
		found := false
		for _, f := range fs {
			if f.ID == in.Filter {
				conds, found = f.Conditions, true
			}
		}
		if !found {
			return nil, errs.New(errs.NotFound, "desk.gone")
		}
	}
	f, err := h.filterOf(ctx, a, condsOf(queryOf(conds)))
	if err != nil {
		return nil, err
	}
	f.After, f.Limit = in.After, in.Limit
	p, err := h.Cases.Inbox(ctx, a, f)
	if err != nil {
		return nil, err
	}
	t, err := h.Cases.Tally(ctx, a)
	return &deskCasesOut{DeskCases{append([]cases.Case{}, p.Cases...), p.Next, t.Todo, t.Soon, t.Overdue, t.Posts}}, err
}

func (h handlers) apiFilters(ctx context.Context, _ *struct{}) (*deskFiltersOut, error) {
	fs, err := h.Desk.Filters(ctx, authz.From(ctx))
	out := &deskFiltersOut{}
	out.Body.Filters = []DeskFilter{}
	for _, f := range fs {
		out.Body.Filters = append(out.Body.Filters, filterDoc(f))
	}
	return out, err
}

func filterDoc(f desk.Filter) DeskFilter {
	return DeskFilter{f.ID, f.Name, DeskConditions(f.Conditions), f.Standard}
}

func (h handlers) apiSaveFilter(ctx context.Context, in *deskFilterIn) (*deskFilterOut, error) {
	f, err := h.Desk.SaveFilter(ctx, authz.From(ctx), desk.Filter{Name: in.Body.Name, Conditions: condsOf(queryOf(desk.Conditions(in.Body.Conditions))), Standard: in.Body.Default})
	if err != nil {
		return nil, err
	}
	return &deskFilterOut{filterDoc(f)}, nil
}

func (h handlers) apiNotes(ctx context.Context, in *deskIDIn) (*deskNotesOut, error) {
	a := authz.From(ctx)
	if _, err := h.Cases.Handles(ctx, a, in.ID); err != nil {
		return nil, err
	}
	ns, err := h.Desk.Notes(ctx, a, in.ID)
	out := &deskNotesOut{}
	out.Body.Notes = []DeskNote{}
	for _, n := range ns {
		out.Body.Notes = append(out.Body.Notes, DeskNote{n.ID, n.Text, n.At})
	}
	return out, err
}

func (h handlers) apiAddNote(ctx context.Context, in *deskNoteIn) (*deskNotesOut, error) {
	a := authz.From(ctx)
	if _, err := h.Cases.Handles(ctx, a, in.ID); err != nil {
		return nil, err
	}
	if err := h.Desk.AddNote(ctx, a, in.ID, in.Body.Key, in.Body.Text); err != nil {
		return nil, err
	}
	return h.apiNotes(ctx, &deskIDIn{in.ID})
}

func (h handlers) apiBatch(ctx context.Context, in *deskBatchIn) (*deskRunOut, error) {
	a := authz.From(ctx)
	b := desk.Batch{Act: in.Body.Act, Input: map[string]string{"staff": in.Body.Staff, "text": in.Body.Text}}
	for _, c := range in.Body.Cases {
		b.Lines = append(b.Lines, desk.Line{Case: c.ID, Version: c.Version})
	}
	b, err := h.Desk.Begin(ctx, a, in.Body.Key, b)
	if err != nil {
		return nil, err
	}
	if err := h.runBatch(ctx, a, b); err != nil {
		return nil, err
	}
	return h.apiRun(ctx, &deskRunIn{b.ID})
}

func (h handlers) apiRun(ctx context.Context, in *deskRunIn) (*deskRunOut, error) {
	b, err := h.Desk.Batch(ctx, authz.From(ctx), in.Batch)
	if err != nil {
		return nil, err
	}
	return &deskRunOut{DeskRun{b.ID, b.Act, b.Lines}}, nil
}
