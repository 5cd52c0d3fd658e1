package licenceweb

import (
	"bytes"
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"tongban/internal/base/authz"
	"tongban/internal/base/blob"
	"tongban/internal/base/errs"
	"tongban/internal/base/i18n"
	"tongban/internal/base/ui"
	"tongban/internal/base/web"
	"tongban/internal/domain/licence"
	"tongban/internal/engine/cnid"
)

func t(ctx context.Context, key string, p ...errs.P) string { return i18n.T(ctx, key, p...) }

func (p pages) mine(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	a := authz.From(ctx)
	hs, err := p.holdings(ctx, a)
	if err != nil {
		return err
	}
	var groups []group
	for _, h := range hs {
		held, err := p.Licences.Held(ctx, h.number)
		if err != nil {
			return err
		}
		held = slices.DeleteFunc(held, func(l licence.Licence) bool { return h.mandate && !covered(a, l) })
		if h.mandate {
			if err := p.readAll(ctx, a, held); err != nil {
				return err
			}
		}
		groups = append(groups, group{h.title, p.rows(ctx, held)})
	}
	return web.Render(w, r, minePage(groups))
}

// holding is one holder whose licences the actor sees: themself, the firm acted for, or the person acted for under a mandate.
type holding struct {
	title, number string
	mandate       bool // what is shown is what the mandate covers
}

func (p pages) holdings(ctx context.Context, a authz.Actor) ([]holding, error) {
	person, firm, err := p.Holders.Numbers(ctx, a)
	if err != nil {
		return nil, err
	}
	all := []holding{{t(ctx, "licence.my_own"), person, false}, {t(ctx, "licence.my_firm"), firm, a.MandateID != ""}}
	if p.Principal != nil && a.ForPerson != "" && a.MandateID != "" {
		name, number, err := p.Principal(ctx, a)
		if err != nil {
			return nil, err
		}
		all = append(all, holding{t(ctx, "licence.my_principal", errs.P{"name": name}), number, true})
	}
	return slices.DeleteFunc(all, func(h holding) bool {
		return h.number == "" || h.mandate && !a.Scope.Covers(authz.ActView, "") && !a.Scope.Covers(authz.ActCollect, "")
	}), nil
}

// covered reports whether a mandate lets its holder see a licence: by the item it came from. One from elsewhere takes a mandate for all items.
func covered(a authz.Actor, l licence.Licence) bool {
	item := l.ItemKey
	if item == "" {
		item = "*"
	}
	return a.Scope.Covers(authz.ActView, item) || a.Scope.Covers(authz.ActCollect, item)
}

// readAll puts on record that the licences of the one acted for were listed.
func (p pages) readAll(ctx context.Context, a authz.Actor, ls []licence.Licence) error {
	for _, l := range ls {
		if err := p.Licences.ReadBy(ctx, a, l, "licence.what_listed", "page"); err != nil {
			return err
		}
	}
	return nil
}

// group is the licences of one holder.
type group struct {
	Title string
	Rows  [][]ui.Cell
}

func (p pages) rows(ctx context.Context, held []licence.Licence) [][]ui.Cell {
	today := licence.Today(p.Now())
	var rows [][]ui.Cell
	for _, l := range held {
		state := ui.Cell{Tone: tone(l.On(today)), Text: stateText(ctx, l.On(today))}
		if l.File != licence.Ready {
			state.Sub = t(ctx, "licence."+string(l.File)+"_title")
		}
		rows = append(rows, []ui.Cell{
			{Text: l.TypeName, Href: "/my/licences/" + l.ID}, {Text: cnid.MaskID(l.Number)}, {Text: l.MaskedHolder()}, state, {Text: until(ctx, l.ValidUntil)}, {Text: l.AgencyName},
		})
	}
	return rows
}

func tone(s licence.State) ui.Tone {
	switch s {
	case licence.Valid:
		return ui.Success
	case licence.Suspended, licence.Expired, licence.Superseded:
		return ui.Warn
	}
	return ui.Bad
}

func stateText(ctx context.Context, s licence.State) string {
	return t(ctx, "licence.state_"+string(s))
}

func until(ctx context.Context, date string) string {
	if date == "" {
		return t(ctx, "licence.open_end")
	}
	return date
}

// owned gives the licence of the path if it is the actor's or of whom they act for; mandate tells that it is another's. A mandate that does not
// cover it is errs.Forbidden licence.out_of_scope.
func (p pages) owned(r *http.Request) (l licence.Licence, mandate bool, err error) {
	ctx, a := r.Context(), authz.From(r.Context())
	hs, err := p.holdings(ctx, a)
	if err != nil {
		return l, false, err
	}
	for _, h := range hs {
		l, err = p.Licences.Owned(ctx, r.PathValue("id"), h.number)
		if errs.KindOf(err) == errs.NotFound {
			continue
		}
		if err == nil && h.mandate && !covered(a, l) {
			err = errs.New(errs.Forbidden, "licence.out_of_scope", errs.P{"type": l.TypeName})
		}
		return l, h.mandate, err
	}
	return l, false, errs.New(errs.NotFound, "licence.not_found")
}

func (p pages) one(w http.ResponseWriter, r *http.Request) error {
	l, mandate, err := p.owned(r)
	if err != nil {
		return err
	}
	if mandate {
		if err := p.Licences.ReadBy(r.Context(), authz.From(r.Context()), l, "licence.what_page", "page"); err != nil {
			return err
		}
	}
	uses, err := p.Licences.History(r.Context(), l.ID)
	if err != nil {
		return err
	}
	ty, err := p.Licences.TypeVersion(r.Context(), l.Type, l.TypeVersion)
	if err != nil {
		return err
	}
	v := p.oneView(r.Context(), l, ty, uses)
	if err := p.life(r.Context(), l, &v); err != nil {
		return err
	}
	return web.Render(w, r, onePage(v))
}

// oneView is a licence as its holder sees it; numbers are masked.
type oneView struct {
	Title   string
	ID      string
	State   string
	Tone    ui.Tone
	File    licence.FileState
	Test    bool
	Verify  string
	Facts   []ui.KVRow
	Says    []ui.KVRow
	History [][]ui.Cell
	Life    [][]ui.Cell // dated changes
	Next    string      // page of the licence that took its place
}

func (p pages) oneView(ctx context.Context, l licence.Licence, ty licence.Type, uses []licence.Use) oneView {
	state := l.On(licence.Today(p.Now()))
	v := oneView{
		Title: l.TypeName, ID: l.ID, State: stateText(ctx, state), Tone: tone(state), File: l.File, Test: l.Test, Verify: "/verify?id=" + l.Identifier,
		Facts: []ui.KVRow{
			{Key: t(ctx, "licence.col_number"), Value: cnid.MaskID(l.Number), Num: true},
			{Key: t(ctx, "licence.col_holder"), Value: l.MaskedHolder()},
			{Key: t(ctx, "licence.col_agency"), Value: l.AgencyName},
			{Key: t(ctx, "licence.valid_from"), Value: l.ValidFrom, Num: true},
			{Key: t(ctx, "licence.col_until"), Value: until(ctx, l.ValidUntil), Num: true},
			{Key: t(ctx, "licence.identifier"), Value: l.Identifier, Num: true},
		},
	}
	if state != licence.Valid && state != licence.Expired {
		v.State = t(ctx, "licence.state_since", errs.P{"state": v.State, "date": day(l.StateAt)})
		if l.Reason != "" {
			v.Facts = append(v.Facts, ui.KVRow{Key: t(ctx, "licence.reason_label"), Value: l.Reason})
		}
	}
	for _, f := range ty.Fields {
		if text, ok := l.Fields[f.Key]; ok {
			v.Says = append(v.Says, ui.KVRow{Key: f.Label, Value: masked(f.From, text)})
		}
	}
	for _, u := range uses {
		v.History = append(v.History, []ui.Cell{{Text: minute(u.At)}, {Text: useText(ctx, u)}, {Text: who(ctx, u.By)}})
	}
	return v
}

// masked hides names and numbers of people among the fields; the file itself, whose download is recorded, has them whole.
func masked(from, text string) string {
	switch {
	case from == "applicant.name":
		return cnid.MaskName(text)
	case from == "applicant.number":
		return cnid.MaskID(text)
	case strings.HasSuffix(from, "_name"), strings.HasSuffix(from, ".name"):
		return cnid.MaskName(text)
	case strings.HasSuffix(from, "number"):
		return cnid.MaskID(text)
	case strings.HasSuffix(from, "phone"):
		return cnid.MaskPhone(text)
	}
	return text
}

var beijing = time.FixedZone("CST", 8*3600)

func day(at time.Time) string    { return at.In(beijing).Format(time.DateOnly) }
func minute(at time.Time) string { return at.In(beijing).Format("2006-01-02 15:04") }

func useText(ctx context.Context, u licence.Use) string {
	detail := u.Detail
	switch u.How {
	case licence.UseState, licence.UseNumber:
		detail = t(ctx, "licence.state_"+u.Detail)
	case licence.UseFile:
		detail = t(ctx, "licence.status_"+u.Detail)
	}
	return t(ctx, "licence.use_"+u.How, errs.P{"detail": detail})
}

// who says what kind of actor it was, never which person.
func who(ctx context.Context, by string) string {
	kind, _, _ := strings.Cut(by, ":")
	if by == "staff:system" {
		kind = "system"
	}
	return t(ctx, "licence.by_"+kind)
}

// pdf gives the holder the file. The download is recorded before the first byte leaves.
func (p pages) pdf(w http.ResponseWriter, r *http.Request) error {
	l, mandate, err := p.owned(r)
	if err != nil {
		return err
	}
	b, l, err := p.Licences.PDF(r.Context(), l.ID)
	if err != nil {
		return err
	}
	if err := p.Licences.ReadBy(r.Context(), authz.From(r.Context()), l, "licence.what_file", "pdf"); err != nil {
		return err
	}
	collects := !mandate || authz.From(r.Context()).Scope.Covers(authz.ActCollect, l.ItemKey)
	if p.Opened != nil && collects { // looking at it for somebody is not handing it to them
		if err := p.Opened(r.Context(), authz.From(r.Context()), l); err != nil {
			return err
		}
	}
	return web.File(w, l.FileName(), "application/pdf", false, bytes.NewReader(b))
}

func maxSize() string { return blob.Human(licence.MaxVerify) }

func columns(ctx context.Context, keys ...string) []ui.Column {
	var out []ui.Column
	for _, k := range keys {
		out = append(out, ui.Column{Label: t(ctx, "licence.col_"+k)})
	}
	return out
}
