package licenceweb

import (
	"context"
	"net/http"
	"strings"
	"time"

	"tongban/internal/base/errs"
	"tongban/internal/base/i18n"
	"tongban/internal/base/ui"
	"tongban/internal/base/web"
	"tongban/internal/domain/licence"
	"tongban/internal/engine/seal"
)

// askView is the page before a verification, or after one that could not be made.
type askView struct {
	Identifier string
	FileError  string
	IDError    string
}

func (v askView) errors() []ui.ErrorItem {
	var out []ui.ErrorItem
	if v.FileError != "" {
		out = append(out, ui.ErrorItem{Field: "file", Text: v.FileError})
	}
	if v.IDError != "" {
		out = append(out, ui.ErrorItem{Field: "id", Text: v.IDError})
	}
	return out
}

// ask is the page, and with ?id= (typed in, or scanned from a QR code) the answer of the register.
func (p pages) ask(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	if !r.URL.Query().Has("id") {
		return web.Render(w, r, askPage(askView{}))
	}
	id := strings.TrimSpace(r.URL.Query().Get("id"))
	v, err := p.Licences.VerifyIdentifier(ctx, id)
	switch errs.KindOf(err) {
	case errs.NotFound, errs.Invalid:
		text := i18n.Err(ctx, err)
		if id == "" {
			text = t(ctx, "licence.no_identifier")
		}
		return web.RenderStatus(w, r, web.StatusOf(err), askPage(askView{Identifier: clip(id), IDError: text}))
	}
	if err != nil {
		return err
	}
	return web.Render(w, r, resultPage(ofNumber(ctx, v)))
}

func clip(s string) string {
	if len(s) > 200 {
		return ""
	}
	return s
}

func (p pages) verify(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	file, err := readFile(r)
	if k := errs.KindOf(err); k == errs.BadRequest || k == errs.TooLarge {
		return web.RenderStatus(w, r, web.StatusOf(err), askPage(askView{FileError: i18n.Err(ctx, err)}))
	}
	if err != nil {
		return err
	}
	rep, err := p.Licences.Verify(ctx, file)
	if err != nil {
		return err
	}
	return web.Render(w, r, resultPage(ofFile(ctx, rep)))
}

// result is a judgement in plain words.
type result struct {
	Title, What, Next string
	Tone              ui.Tone
	Test              bool
	NextHref          string // of the licence that took its place
	Facts             []ui.KVRow
	Checks            [][]ui.Cell
}

var tones = map[string]ui.Tone{seal.Valid: ui.Success, seal.Revoked: ui.Bad, seal.Expired: ui.Warn, seal.Forged: ui.Bad, seal.Unknown: ui.Neutral}

func ofFile(ctx context.Context, r seal.Report) result {
	key := "licence.status_" + r.Status
	v := result{Title: t(ctx, key), What: t(ctx, key+"_what"), Next: t(ctx, key+"_next"), Tone: tones[r.Status], Test: r.Test}
	fact := func(key, value string) {
		if value != "" {
			v.Facts = append(v.Facts, ui.KVRow{Key: t(ctx, key), Value: value})
		}
	}
	fact("licence.fact_kind", r.Kind)
	fact("licence.fact_agency", r.Agency)
	if r.Signer != r.Agency {
		fact("licence.fact_signer", r.Signer)
	}
	if r.SignedAt != nil {
		fact("licence.fact_signed", minute(*r.SignedAt))
	}
	if r.LicenceID != "" {
		fact("licence.col_until", until(ctx, r.ValidUntil))
	}
	fact("licence.identifier", r.LicenceID)
	for _, c := range r.Checks {
		v.Checks = append(v.Checks, checkRow(ctx, c))
		if id := c.Params["identifier"]; c.Name == "replaced" && id != "" {
			v.NextHref = "/verify?id=" + id
		}
	}
	return v
}

func checkRow(ctx context.Context, c seal.Check) []ui.Cell {
	name := "seal.check_name." + c.Name
	if !i18n.Has(name) {
		name = "licence.check_name." + c.Name
	}
	p := errs.P{}
	for k, x := range c.Params {
		p[k] = x
		if s := "licence.state_" + x; k == "state" && i18n.Has(s) {
			p[k] = t(ctx, s)
		}
		if at, err := time.Parse(time.RFC3339, x); k == "time" && err == nil {
			p[k] = minute(at)
		}
	}
	mark := ui.Cell{Tone: ui.Success, Text: t(ctx, "licence.check_ok")}
	switch {
	case !c.OK:
		mark = ui.Cell{Tone: ui.Bad, Text: t(ctx, "licence.check_bad")}
	case strings.HasSuffix(c.Key, ".offline"):
		mark = ui.Cell{Tone: ui.Neutral, Text: t(ctx, "licence.check_skipped")}
	}
	return []ui.Cell{{Text: t(ctx, name)}, mark, {Text: t(ctx, c.Key, p)}}
}

func ofNumber(ctx context.Context, l licence.PublicView) result {
	state := stateText(ctx, l.State)
	v := result{Tone: tone(l.State), Test: l.Test, Facts: []ui.KVRow{
		{Key: t(ctx, "licence.fact_kind"), Value: l.TypeName},
		{Key: t(ctx, "licence.col_holder"), Value: l.Holder},
		{Key: t(ctx, "licence.col_number"), Value: l.Number, Num: true},
		{Key: t(ctx, "licence.col_agency"), Value: l.AgencyName},
		{Key: t(ctx, "licence.valid_from"), Value: l.ValidFrom, Num: true},
		{Key: t(ctx, "licence.col_until"), Value: until(ctx, l.ValidUntil), Num: true},
		{Key: t(ctx, "licence.identifier"), Value: l.Identifier, Num: true},
	}}
	if l.Next != "" {
		v.Facts = append(v.Facts, ui.KVRow{Key: t(ctx, "licence.next"), Value: l.Next, Num: true})
		v.NextHref = "/verify?id=" + l.Next
	}
	if l.Previous != "" {
		v.Facts = append(v.Facts, ui.KVRow{Key: t(ctx, "licence.previous"), Value: l.Previous, Num: true})
	}
	if !l.StateAt.IsZero() {
		state = t(ctx, "licence.state_since", errs.P{"state": state, "date": day(l.StateAt)})
	}
	key := map[licence.State]string{licence.Valid: seal.Valid, licence.Expired: seal.Expired}[l.State]
	if key == "" {
		key = seal.Revoked
	}
	v.Title, v.Next = t(ctx, "licence.status_"+key), t(ctx, "licence.status_"+key+"_next")
	v.What = t(ctx, "licence.number_ended_what", errs.P{"state": state})
	if l.State == licence.Superseded {
		v.Tone, v.Title, v.Next = ui.Warn, t(ctx, "licence.status_superseded"), t(ctx, "licence.status_superseded_next")
		v.What = t(ctx, "licence.status_superseded_what", errs.P{"date": day(l.StateAt)})
	}
	if key == seal.Valid {
		v.What, v.Next = t(ctx, "licence.number_valid_what"), t(ctx, "licence.number_valid_next")
	}
	return v
}
