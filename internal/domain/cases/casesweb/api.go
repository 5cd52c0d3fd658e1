package casesweb

import (
	"context"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"tongban/internal/base/authz"
	"tongban/internal/base/errs"
	"tongban/internal/base/web"
	"tongban/internal/domain/cases"
	"tongban/internal/engine/form"
)

// API adds the operations on drafts and cases to /api/v1.
func API(a *web.API, c Config) {
	h := handlers{c}
	draftOps(a, h)
	signOp(a, h)
	promiseOps(a, h)
	afterOps(a, h)
	precheckOps(a, h)
	materialOps(a, h)
	caseOps(a, h)
	ownerOps(a, h)
	fileOps(a, h)
	windowOps(a, h)
	deskOps(a, h)
}

func operation(method, path, id, summary, tag string) huma.Operation {
	return huma.Operation{Method: method, Path: path, OperationID: id, Summary: summary, Tags: []string{tag}}
}

// op adds an operation whose findings point into the request.
func op[I, O any](a *web.API, p authz.Permission, o huma.Operation, fn func(context.Context, authz.Actor, *I) (*O, error), opts ...web.Option) {
	web.Op(a, p, o, func(ctx context.Context, in *I) (*O, error) {
		out, err := fn(ctx, authz.From(ctx), in)
		if err != nil {
			return nil, pointed(err, form.Definition{})
		}
		return out, nil
	}, opts...)
}

// pointed turns the paths of findings into JSON pointers (RFC 6901) into a draft: form.staff.0.name becomes /form/staff/0/name. With the definition
// at hand a key that holds dots stays one token.
func pointed(err error, def form.Definition) error {
	e := errs.As(err)
	if e == nil || len(e.Fields) == 0 {
		return err
	}
	c := *e
	c.Fields = nil
	for _, f := range e.Fields {
		f.Path = pointerOf(f.Path, def)
		c.Fields = append(c.Fields, f)
	}
	return &c
}

func pointerOf(path string, def form.Definition) string {
	if path == "" || path[0] == '/' {
		return path
	}
	head, rest, _ := strings.Cut(path, ".")
	if head == "form" {
		if _, key, ok := fieldAt(def, rest); ok {
			return "/form/" + token(key) + strings.ReplaceAll(token(strings.TrimPrefix(rest, key)), ".", "/")
		}
	}
	if head == "material" {
		head = "materials"
	}
	if rest == "" {
		return "/" + token(head)
	}
	return "/" + token(head) + "/" + strings.ReplaceAll(token(rest), ".", "/")
}

func token(s string) string { return strings.NewReplacer("~", "~0", "/", "~1").Replace(s) }

// DraftDoc is a draft, or a case under correction, as a program reads and writes it.
type DraftDoc struct {
	ID        string            `json:"id"`
	Item      string            `json:"item"`
	ItemName  string            `json:"item_name"`
	State     cases.State       `json:"state"`
	Version   int64             `json:"version" doc:"give it back when saving or submitting"`
	Applicant string            `json:"applicant"`
	Scenario  map[string]string `json:"scenario"`
	Form      map[string]any    `json:"form" doc:"answers by field key; money in fen"`
	Contact   cases.Contact     `json:"contact"`
	Materials []DraftMaterial   `json:"materials"`
	Schema    map[string]any    `json:"schema,omitempty" doc:"JSON Schema 2020-12 of form"`
}

// DraftMaterial is one material of a draft.
type DraftMaterial struct {
	Key      string       `json:"key"`
	Name     string       `json:"name"`
	Source   string       `json:"source" enum:"self,licence,generated"`
	Required bool         `json:"required"`
	Files    []cases.File `json:"files"`
}

func draftDoc(d cases.Detail) *DraftDoc {
	out := &DraftDoc{
		ID: d.ID, Item: d.ItemKey, ItemName: d.ItemName, State: d.State, Version: d.Version, Applicant: d.Applicant, Scenario: map[string]string{},
		Form: map[string]any{}, Contact: d.Contact, Materials: []DraftMaterial{}, Schema: d.Form.JSONSchema(),
	}
	for k, v := range d.Scenario {
		out.Scenario[k] = v
	}
	for k, v := range d.Form.Clean(d.Answers) {
		if k != form.SourceKey {
			out.Form[k] = v
		}
	}
	for _, s := range d.Slots {
		out.Materials = append(out.Materials, DraftMaterial{Key: s.Material.Key, Name: s.Material.Name, Source: s.Material.Source, Required: s.Required, Files: files(s.Files)})
	}
	return out
}

func files(fs []cases.File) []cases.File {
	if fs == nil {
		return []cases.File{}
	}
	return fs
}

type draftID struct {
	ID string `path:"id" maxLength:"64"`
}

type newDraftIn struct {
	Body struct {
		Item      string `json:"item" maxLength:"100" doc:"key of the item"`
		ClientKey string `json:"client_key" minLength:"8" maxLength:"100" doc:"the same key gives the same draft"`
	}
}

type saveDraftIn struct {
	ID   string `path:"id" maxLength:"64"`
	Body struct {
		Version  int64             `json:"version"`
		Scenario map[string]string `json:"scenario,omitempty" doc:"left out: unchanged"`
		Form     map[string]any    `json:"form,omitempty" doc:"fields left out are unchanged; null empties one"`
		Contact  *cases.Contact    `json:"contact,omitempty"`
	}
}

type versionIn struct {
	ID   string `path:"id" maxLength:"64"`
	Body struct {
		Version int64 `json:"version"`
	}
}

type draftOut struct{ Body *DraftDoc }

type draftsOut struct {
	Body struct {
		Drafts []cases.Case `json:"drafts"`
	}
}

type versionOut struct {
	Body struct {
		Version int64 `json:"version"`
	}
}

// ReadyFinding is one thing that keeps a draft from being sent.
type ReadyFinding struct {
	Pointer string `json:"pointer" doc:"JSON pointer into the draft"`
	Code    string `json:"code"`
	Detail  string `json:"detail"`
}

type readyOut struct {
	Body struct {
		Ready    bool           `json:"ready"`
		Findings []ReadyFinding `json:"findings"`
		Stops    []string       `json:"stops"`
		Warns    []string       `json:"warns"`
	}
}

type receiptOut struct{ Body cases.Receipt }

type signOut struct {
	Body struct {
		Needed bool   `json:"needed"`
		Signed bool   `json:"signed" doc:"exactly this text is signed"`
		Text   string `json:"text,omitempty"`
		URL    string `json:"url,omitempty" doc:"page of this site on which the person signs"`
	}
}

func draftOps(a *web.API, h handlers) {
	const tag = "drafts"
	create := operation(http.MethodPost, "/drafts", "create-draft", "Begin an application", tag)
	create.DefaultStatus = http.StatusCreated
	op(a, authz.CaseApply, create, func(ctx context.Context, who authz.Actor, in *newDraftIn) (*draftOut, error) {
		d, err := h.Cases.CreateDraft(ctx, who, in.Body.Item, in.Body.ClientKey)
		return &draftOut{draftDoc(d)}, err
	})
	op(a, authz.CaseApply, operation(http.MethodGet, "/drafts", "list-drafts", "My drafts", tag), func(ctx context.Context, who authz.Actor, _ *struct{}) (*draftsOut, error) {
		ds, err := h.Cases.Drafts(ctx, who)
		out := &draftsOut{}
		out.Body.Drafts = append([]cases.Case{}, ds...)
		return out, err
	})
	op(a, authz.CaseApply, operation(http.MethodGet, "/drafts/{id}", "get-draft", "One draft", tag), func(ctx context.Context, who authz.Actor, in *draftID) (*draftOut, error) {
		d, err := h.ownDraft(ctx, who, in.ID)
		return &draftOut{draftDoc(d)}, err
	})
	op(a, authz.CaseApply, operation(http.MethodPut, "/drafts/{id}", "save-draft", "Save answers; a stale version is a conflict", tag), h.apiSave)
	op(a, authz.CaseApply, operation(http.MethodDelete, "/drafts/{id}", "delete-draft", "Delete a draft and its files", tag), func(ctx context.Context, who authz.Actor, in *draftID) (*struct{}, error) {
		return nil, h.Cases.DiscardDraft(ctx, who, in.ID)
	})
	op(a, authz.CaseApply, operation(http.MethodGet, "/drafts/{id}/ready", "draft-ready", "What is missing before it can be sent", tag), h.apiReady)
	op(a, authz.CaseApply, operation(http.MethodPost, "/drafts/{id}/submit", "submit-draft", "Send the application; again, the same receipt", tag), func(ctx context.Context, who authz.Actor, in *versionIn) (*receiptOut, error) {
		rc, err := h.Cases.Submit(ctx, who, in.ID, in.Body.Version)
		return &receiptOut{rc}, h.pointedFor(ctx, who, in.ID, err)
	})
}

// signOp asks a person to sign; programs cannot sign for them.
func signOp(a *web.API, h handlers) {
	op(a, authz.CaseApply, operation(http.MethodPost, "/drafts/{id}/sign", "sign-draft", "What is signed before the application can be sent, and where", "drafts"), func(ctx context.Context, who authz.Actor, in *draftID) (*signOut, error) {
		sg, needed, err := h.Cases.ToSign(ctx, who, in.ID)
		if err != nil {
			return nil, h.pointedFor(ctx, who, in.ID, err)
		}
		out := &signOut{}
		b := &out.Body
		b.Needed, b.Signed, b.Text = needed, sg.ID != "", sg.Text
		if needed && !b.Signed {
			b.URL, err = h.Cases.AskSignature(ctx, who, in.ID, draftHref(in.ID, pageCheck))
		}
		return out, err
	})
}

// ownDraft loads a case of the caller's own.
func (h handlers) ownDraft(ctx context.Context, who authz.Actor, id string) (cases.Detail, error) {
	d, err := h.Cases.Case(ctx, who, id)
	if err == nil && !d.Own {
		return cases.Detail{}, errs.New(errs.NotFound, "cases.not_found")
	}
	return d, err
}

// pointedFor is pointed with the case's own form; without findings nothing is loaded.
func (h handlers) pointedFor(ctx context.Context, who authz.Actor, id string, err error) error {
	if e := errs.As(err); e == nil || len(e.Fields) == 0 {
		return err
	}
	d, derr := h.Cases.Case(ctx, who, id)
	if derr != nil {
		return err
	}
	return pointed(err, d.Form)
}

func (h handlers) apiSave(ctx context.Context, who authz.Actor, in *saveDraftIn) (*versionOut, error) {
	d, err := h.ownDraft(ctx, who, in.ID)
	if err != nil {
		return nil, err
	}
	p := whole(d)
	p.Form = d.Form.FromAPI(form.Answers(in.Body.Form), d.Answers)
	if in.Body.Scenario != nil {
		p.Scenario = in.Body.Scenario
	}
	if in.Body.Contact != nil {
		p.Contact = *in.Body.Contact
	}
	out := &versionOut{}
	out.Body.Version, err = h.Cases.SaveDraft(ctx, who, in.ID, in.Body.Version, p)
	return out, pointed(err, d.Form)
}

func (h handlers) apiReady(ctx context.Context, who authz.Actor, in *draftID) (*readyOut, error) {
	d, err := h.ownDraft(ctx, who, in.ID)
	if err != nil {
		return nil, err
	}
	ready, err := h.Cases.Ready(ctx, who, in.ID)
	if err != nil {
		return nil, err
	}
	out := &readyOut{}
	b := &out.Body
	b.Findings, b.Stops, b.Warns = []ReadyFinding{}, []string{}, []string{}
	for _, f := range ready.Findings {
		b.Findings = append(b.Findings, ReadyFinding{Pointer: pointerOf(f.Path, d.Form), Code: f.Key, Detail: finding(ctx, f)})
	}
	for _, s := range ready.Stops {
		b.Stops = append(b.Stops, s.Title+" "+s.Text)
	}
	for _, w := range ready.Warns {
		b.Warns = append(b.Warns, w.Text)
	}
	b.Ready = len(b.Findings)+len(b.Stops) == 0
	return out, nil
}
