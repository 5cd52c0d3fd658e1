package designweb

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"tongban/internal/base/errs"
	"tongban/internal/base/i18n"
	"tongban/internal/base/ui"
	"tongban/internal/base/web"
	"tongban/internal/domain/formweb"
	"tongban/internal/engine/clock"
	"tongban/internal/engine/cnid"
	"tongban/internal/engine/form"
)

// previewAsk is what the designer sends to see a page of the form it holds, saved or not. Nothing of it is kept.
type previewAsk struct {
	Definition json.RawMessage `json:"definition"`
	Answers    form.Answers    `json:"answers"` // given on trial so far
	Page       string          `json:"page"`    // key of the section shown; "" is the page of answers
	Posted     url.Values      `json:"posted"`  // inputs of that page
	Go         string          `json:"go"`      // show, next or back
}

type previewAnswer struct {
	HTML    string        `json:"html"`
	Page    string        `json:"page"`
	Pages   []previewStep `json:"pages"` // those these answers call for
	Answers form.Answers  `json:"answers"`
	Errors  int           `json:"errors"`
}

type previewStep struct {
	Key   string `json:"key"`
	Title string `json:"title"`
	Shown bool   `json:"shown"`
}

type previewView struct {
	Sections      []ui.FormSection
	Check         bool
	Answers, Desk []ui.CheckSection
	Errors        []ui.ErrorItem
}

// formPreview draws a page of the form with the renderer applicants get, and judges trial answers with the same engine.
func (h *Handler) formPreview(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	if _, err := h.design.Change(ctx, actor(r), idOf(r)); err != nil {
		return err
	}
	var in previewAsk
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
		return errs.Wrap(err, errs.BadRequest, "base.bad_request")
	}
	d, err := form.Parse(in.Definition)
	if err != nil {
		return errs.Wrap(err, errs.Invalid, "designer.preview_unreadable")
	}
	p := trial{d: d, answers: in.Answers, today: h.now().In(clock.Shanghai).Format(time.DateOnly)}
	p.begin(in.Posted)
	page, wrong := p.turn(in.Page, in.Go)
	v := previewView{Check: page == "", Errors: errorLines(r, wrong)}
	if v.Check {
		v.Answers, v.Desk = p.review(false), p.review(true)
	} else {
		var regions []ui.Option
		if h.cfg.Regions != nil {
			regions = h.cfg.Regions(ctx)
		}
		i := slices.IndexFunc(d.Sections, func(s form.Section) bool { return s.Key == page })
		sv := p.d.ToView(p.answers, wrong)[i]
		sv.Visible = true // a page that conditions hide is shown all the same while it is worked on
		sv.WhenJSON = ""
		v.Sections = formweb.Sections(ctx, []form.SectionView{sv}, regions)
	}
	var html bytes.Buffer
	if err := previewPage(v).Render(ctx, &html); err != nil {
		return err
	}
	return web.JSON(w, http.StatusOK, previewAnswer{HTML: html.String(), Page: page, Pages: p.steps(page), Answers: p.answers, Errors: len(wrong)})
}

// trial is a form that is filled in to try it.
type trial struct {
	d       form.Definition
	answers form.Answers
	today   string
}

// begin takes what was typed, and what the registers would give. A question the registers have nothing for can be typed, as for applicants.
func (p *trial) begin(posted url.Values) {
	d := p.d
	d.Sections = slices.Clone(d.Sections)
	samples := form.Answers{}
	sources := map[string]any{}
	for i, s := range d.Sections {
		d.Sections[i].Fields = slices.Clone(s.Fields)
		for j := range s.Fields {
			f := &d.Sections[i].Fields[j]
			if x := sampleOf(f.Term); f.ReadOnly && x != "" {
				samples[f.Key], sources[f.Key] = x, "designer.sample_source"
			} else {
				f.ReadOnly = false
			}
		}
	}
	p.d = d
	p.answers = d.FromForm(posted, p.answers)
	for k, x := range samples {
		p.answers[k] = x
	}
	p.answers[form.SourceKey] = sources
}

// steps gives the pages the answers call for; the one shown counts always.
func (p *trial) steps(shown string) []previewStep {
	var out []previewStep
	visible := p.d.Visible(p.answers)
	for _, s := range p.d.Sections {
		open := slices.ContainsFunc(s.Fields, func(f form.Field) bool { return visible[f.Key] })
		if open || s.Key == shown {
			out = append(out, previewStep{Key: s.Key, Title: s.Title, Shown: open})
		}
	}
	return out
}

// turn gives the page to show and what is wrong on it. Going on is refused while the page has mistakes.
func (p *trial) turn(page, act string) (string, []errs.Field) {
	i := slices.IndexFunc(p.d.Sections, func(s form.Section) bool { return s.Key == page })
	if i < 0 && page != "" && len(p.d.Sections) > 0 {
		page, i = p.d.Sections[0].Key, 0
	}
	if page != "" && act == "next" {
		wrong := slices.DeleteFunc(p.d.Validate(p.answers, p.today), func(e errs.Field) bool { return !asks(p.d.Sections[i], e.Path) })
		if len(wrong) > 0 {
			return page, wrong
		}
	}
	steps := p.steps(page)
	at := slices.IndexFunc(steps, func(s previewStep) bool { return s.Key == page })
	if at < 0 {
		at = len(steps)
	}
	switch act {
	case "next":
		at++
	case "back":
		at = max(at-1, 0)
	}
	if at >= len(steps) {
		return "", p.d.Validate(p.answers, p.today)
	}
	return steps[at].Key, nil
}

// asks reports whether an input belongs to a section.
func asks(s form.Section, path string) bool {
	return slices.ContainsFunc(s.Fields, func(f form.Field) bool { return path == f.Key || strings.HasPrefix(path, f.Key+".") })
}

// review gives the answers in words, as the applicant checks them or, masked, as the desk sees them.
func (p *trial) review(desk bool) []ui.CheckSection {
	var out []ui.CheckSection
	for _, s := range p.d.Review(p.answers) {
		cs := ui.CheckSection{Title: s.Title}
		for _, row := range s.Rows {
			if len(row.Lines) == 0 {
				cs.Rows = append(cs.Rows, ui.CheckRow{Label: row.Label, Value: seen(row.Level, row.Value, desk)})
			}
			for i, line := range row.Lines {
				for _, cell := range line {
					cs.Rows = append(cs.Rows, ui.CheckRow{Label: row.Label + " " + strconv.Itoa(i+1) + " · " + cell.Label, Value: seen(cell.Level, cell.Value, desk)})
				}
			}
		}
		out = append(out, cs)
	}
	return out
}

// seen masks a value for the desk, as the desk does (see package cases).
func seen(level, v string, desk bool) string {
	if !desk {
		return v
	}
	switch level {
	case "name":
		return cnid.MaskName(v)
	case "id":
		return cnid.MaskID(v)
	case "phone":
		return cnid.MaskPhone(v)
	case "address":
		return cnid.MaskAddress(v)
	}
	return v
}

func errorLines(r *http.Request, wrong []errs.Field) []ui.ErrorItem {
	var out []ui.ErrorItem
	for _, e := range wrong {
		out = append(out, ui.ErrorItem{Field: e.Path, Text: i18n.T(r.Context(), e.Key, e.Params)})
	}
	return out
}
