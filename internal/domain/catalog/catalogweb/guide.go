package catalogweb

import (
	"bytes"
	"context"
	"net/http"
	"net/url"
	"path"
	"strconv"
	"strings"

	"tongban/internal/base/authz"
	"tongban/internal/base/errs"
	"tongban/internal/base/i18n"
	"tongban/internal/base/ui"
	"tongban/internal/base/web"
	"tongban/internal/domain/catalog"
	"tongban/internal/domain/catalog/item"
	"tongban/internal/domain/org"
	"tongban/internal/engine/clock"
)

// guideView is the start page of an item.
type guideView struct {
	Listed    []fact // of an item nobody has checked: what its list said
	Page      ui.PageView
	Item      *catalog.Item
	Type      string
	Facts     []fact
	Tabs      []ui.NavItem
	Apply     string // where applying begins; empty when it is not done here
	Elsewhere string // https address of the other system
	Guest     bool   // nobody is signed in: says what applying needs
	Materials []materialView
	Times     []fact
	Fees      []feeView
	Windows   []windowView
	Remedies  remediesView
	Basis     []catalog.Basis
	Details   []fact
	Office    bool   // the reader is of the item office and sees how far the bases were checked
	Published string // date
	Dept      string // imported items: the department as the list names it
	Halted    haltedView
	Places    []windowView // windows of the list, and the offices below it was delegated to
	Delegates []delegateView
}

// haltedView says why an item takes no applications and what to use instead; Title is empty when it does.
type haltedView struct {
	Title, Reason, Since string
	Instead              ui.Link
}

// delegateView is an office near the person that does part of the item.
type delegateView struct{ Name, Region, Acts, Phone string }

// fact is a line of a key-value list; Foreign values are the item's own Chinese words.
type fact struct {
	Key, Value string
	Foreign    bool
	Num        bool
}

type materialView struct {
	catalog.Material
	Source, Required string
	When             string // empty when always asked for
	Facts            []fact
	Files            []fileView
	Upload           bool
}

type fileView struct{ Label, Href, Name string }

type feeView struct {
	Name, Amount, Unit, Basis, Reduction string
}

type windowView struct {
	Name, Hall, Place, Address, Hours, Phone, Directions string
}

type remediesView struct{ Review, Court, Agency string }

func windowOf(w org.Window) windowView {
	return windowView{Name: w.Name, Hall: w.Hall, Place: w.Floor, Address: w.Address, Hours: w.Hours, Phone: w.Phone, Directions: w.Directions}
}

func (p *Pages) guide(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	it, err := p.catalog.Item(ctx, r.PathValue("key"))
	if err != nil {
		return err
	}
	if from := r.URL.Query().Get("from"); from != "" {
		p.catalog.Words().Click(from, it.Key)
	}
	v := p.guideOf(ctx, &it)
	if it.State == catalog.Suspended || it.State == catalog.Cancelled {
		if v.Halted, err = p.halted(ctx, it.Key); err != nil {
			return err
		}
		v.Apply, v.Elsewhere = "", ""
	}
	return web.Render(w, r, guidePage(v))
}

func (p *Pages) halted(ctx context.Context, key string) (haltedView, error) {
	st, err := p.catalog.State(ctx, key)
	if err != nil || st.InUse() {
		return haltedView{}, err
	}
	v := haltedView{Title: t(ctx, "halted_"+st.Code), Reason: st.Reason}
	if !st.Since.IsZero() {
		v.Since = t(ctx, "halted_since", errs.P{"date": st.Since.In(clock.Shanghai).Format("2006-01-02")})
	}
	if st.Instead != "" {
		if other, err := p.catalog.Item(ctx, st.Instead); err == nil {
			v.Instead = ui.Link{Label: other.Name, Href: "/items/" + url.PathEscape(other.Key)}
		}
	}
	return v, nil
}

// elsewhere are the places besides the windows of this installation: those a list names, and offices of lower levels that do part of it.
func (p *Pages) elsewhere(ctx context.Context, it *catalog.Item) (places []windowView, delegates []delegateView) {
	for _, w := range it.Places {
		places = append(places, windowView{Hall: w.Hall, Place: w.Floor, Address: w.Address, Hours: w.Hours, Phone: w.Phone, Directions: w.Directions})
	}
	for _, d := range it.Delegates {
		acts := make([]string, len(d.Acts))
		for i, a := range d.Acts {
			acts[i] = catalog.CodeName(i18n.From(ctx), "act", a)
		}
		delegates = append(delegates, delegateView{Name: d.Office, Region: p.regionName(ctx, d.Region), Acts: strings.Join(acts, t(ctx, "comma")), Phone: d.Phone})
	}
	return places, delegates
}

func (p *Pages) guideOf(ctx context.Context, it *catalog.Item) guideView {
	a := authz.From(ctx)
	v := guideView{
		Item: it, Type: catalog.CodeName(i18n.From(ctx), "type", it.ItemType), Guest: !a.Signed(), Office: a.May(authz.CatalogEdit), Basis: it.Basis,
		Published: it.Published.In(clock.Shanghai).Format("2006-01-02"), Elsewhere: it.URL,
	}
	v.Page = ui.PageView{Title: it.Name, NoHeading: true, Description: it.Summary, Crumbs: crumbs(ctx, ui.Crumb{Label: t(ctx, "items"), Href: "/items"}, ui.Crumb{Label: t(ctx, "guide")})}
	if it.Applicable() {
		v.Apply = "/apply/" + url.PathEscape(it.Key)
	}
	if it.Imported != nil {
		v.Dept = it.Imported.Department
	}
	agency, err := p.offices.Agency(ctx, it.Agency)
	known := err == nil
	if known {
		v.Remedies = remediesView{Review: org.ReviewAuthority(agency), Court: agency.Court, Agency: agency.Name}
	}
	v.Facts = facts(ctx, it)
	v.Listed = fromList(ctx, it)
	v.Times = times(ctx, it)
	for _, key := range it.Windows {
		if win, err := p.offices.Window(ctx, key); err == nil {
			v.Windows = append(v.Windows, windowOf(win))
		}
	}
	v.Places, v.Delegates = p.elsewhere(ctx, it)
	for _, m := range it.Materials {
		v.Materials = append(v.Materials, material(ctx, it, m))
	}
	for _, f := range it.Fee.Rows {
		v.Fees = append(v.Fees, feeView{Name: f.Name, Amount: yuan(f.StandardFen), Unit: f.Unit, Basis: f.Basis, Reduction: f.Reduction})
	}
	v.Details = details(ctx, it, v.Office)
	v.Tabs = v.tabs(ctx)
	return v
}

// tabs lead to the parts the page has.
func (v guideView) tabs(ctx context.Context) []ui.NavItem {
	var out []ui.NavItem
	add := func(has bool, id string) {
		if has {
			out = append(out, ui.NavItem{Href: "#" + id, Label: t(ctx, "part_"+id)})
		}
	}
	add(len(v.Item.Who) > 0, "who")
	add(v.Item.Commitment != nil, "promise")
	add(len(v.Materials) > 0, "materials")
	add(len(v.Times) > 0, "time")
	add(len(v.Windows)+len(v.Places)+len(v.Delegates) > 0, "where")
	add(len(v.Basis) > 0, "basis")
	add(v.Remedies.Review != "", "remedies")
	add(len(v.Item.FAQ) > 0, "faq")
	return out
}

// facts are what most people came for.
func facts(ctx context.Context, it *catalog.Item) []fact {
	out := []fact{{Key: t(ctx, "agency"), Value: it.AgencyName, Foreign: true}}
	if it.Unreviewed { // what its list said stands apart: fromList
		return out
	}
	how := promiseWords(ctx, it)
	if legal := legalWords(ctx, it); legal != "" && how != "" {
		how += t(ctx, "bracket", errs.P{"text": legal})
	}
	out = append(out, fact{Key: t(ctx, "how_long"), Value: how}, fact{Key: t(ctx, "how_much"), Value: feeWords(ctx, it)})
	if often := visitWords(ctx, it); often != "" {
		out = append(out, fact{Key: t(ctx, "how_often"), Value: often})
	}
	out = append(out, service(ctx, it)...)
	out = append(out, proofs(ctx, it)...)
	if it.Result.Name != "" {
		out = append(out, fact{Key: t(ctx, "what_you_get"), Value: it.Result.Name, Foreign: true})
		if it.Result.Kind == "licence" {
			out = append(out, fact{Key: t(ctx, "valid_for"), Value: validityWords(ctx, it.Validity)})
		}
	}
	if it.Consult.Phone != "" {
		out = append(out, fact{Key: t(ctx, "ask"), Value: it.Consult.Phone, Num: true})
	}
	return out
}

// listed are the elements of a list that help a person before anybody has checked them, in the order of the guide.
var listed = []string{"case_kind", "promised", "legal", "visits", "audience", "consult", "complain"}

// fromList is what the list said of an item that nobody of the agency has checked yet; nil for others. What the list left open is left out.
func fromList(ctx context.Context, it *catalog.Item) []fact {
	if !it.Unreviewed {
		return nil
	}
	l := i18n.From(ctx)
	var out []fact
	for _, key := range listed {
		e, ok := item.ByKey(key)
		if text := e.Text(l, it); ok && text != "" {
			out = append(out, fact{Key: e.Label(l), Value: text, Foreign: !e.Coded(), Num: e.Kind == item.KindPhone})
		}
	}
	return out
}

// service says how far the item can be done online: stars and, where the depth is known, the grade; both follow from the other elements.
func service(ctx context.Context, it *catalog.Item) []fact {
	var out []fact
	if n := item.Star(it); n > 0 {
		out = append(out, fact{Key: t(ctx, "star_label"), Value: catalog.CodeName(i18n.From(ctx), "star", strconv.Itoa(n))})
	}
	if g := item.Grade(it); g != "" {
		out = append(out, fact{Key: t(ctx, "grade_label"), Value: catalog.CodeName(i18n.From(ctx), "grade", g)})
	}
	if n, why := item.Trips(it); it.Visits != nil && n > *it.Visits && why != "" {
		out = append(out, fact{Key: t(ctx, "trips_label"), Value: t(ctx, "trips_planned", errs.P{"n": n, "why": i18n.T(ctx, why)})})
	}
	return out
}

// proofs say in words how surely one must have proved who one is: to apply on line, and where signing or collecting takes more.
func proofs(ctx context.Context, it *catalog.Item) []fact {
	if !it.Applicable() {
		return nil
	}
	words := func(act string) string {
		n := it.LevelFor(act)
		if n == 0 {
			return ""
		}
		return catalog.CodeName(i18n.From(ctx), "level", strconv.Itoa(n))
	}
	apply := words(authz.ActApply)
	var out []fact
	add := func(key, value string) {
		if value != "" {
			out = append(out, fact{Key: t(ctx, key), Value: value})
		}
	}
	add("who_you_are", apply)
	if it.Signs() {
		signs := catalog.CodeName(i18n.From(ctx), "sign", "1")
		if s := words(authz.ActSign); s != apply && s != "" {
			signs += t(ctx, "bracket", errs.P{"text": s})
		}
		add("who_signs", signs)
	}
	if s := words(authz.ActCollect); s != apply {
		add("who_collects", s)
	}
	return out
}

// times explains every period of the item.
func times(ctx context.Context, it *catalog.Item) []fact {
	if it.Unreviewed {
		return nil
	}
	l := it.Limits
	var out []fact
	add := func(key, value string) { out = append(out, fact{Key: t(ctx, key), Value: value}) }
	if l.OnTheSpot {
		add("time_promised", t(ctx, "on_the_spot"))
	} else {
		add("time_promised", t(ctx, "time_from_acceptance", errs.P{"limit": limitWords(ctx, l.Promised)}))
	}
	if l.Legal.N > 0 {
		add("time_legal", limitWords(ctx, l.Legal))
	}
	if l.Legal.Explain != "" {
		out = append(out, fact{Key: t(ctx, "time_explain"), Value: l.Legal.Explain, Foreign: true})
	}
	if l.Legal.Basis != "" {
		out = append(out, fact{Key: t(ctx, "time_basis"), Value: l.Legal.Basis, Foreign: true})
	}
	if l.Correction != nil {
		add("time_correction", t(ctx, "time_within", errs.P{"limit": limitWords(ctx, *l.Correction)}))
	}
	if l.Certificate != nil {
		add("time_certificate", t(ctx, "time_within", errs.P{"limit": limitWords(ctx, *l.Certificate)}))
	}
	if l.Extension != nil {
		add("time_extension", t(ctx, "time_extend", errs.P{"limit": limitWords(ctx, *l.Extension)}))
	}
	return out
}

func material(ctx context.Context, it *catalog.Item, m catalog.Material) materialView {
	l := i18n.From(ctx)
	v := materialView{Material: m, Source: catalog.CodeName(l, "source", m.Source), Upload: m.Source == catalog.FromApplicant}
	if m.Required != catalog.RequiredYes {
		v.Required = catalog.CodeName(l, "required", m.Required)
	}
	if !m.When.IsZero() {
		v.When = whenWords(ctx, it, m.When)
	}
	add := func(key, value string, foreign bool) {
		if value != "" {
			v.Facts = append(v.Facts, fact{Key: t(ctx, key), Value: value, Foreign: foreign})
		}
	}
	if v.Upload {
		add("material_form", materialForm(ctx, m), false)
	}
	add("material_accept", m.Accept, true)
	add("material_fill", m.Fill, true)
	add("material_basis", m.Basis, true)
	for _, f := range []struct{ path, label string }{{m.Empty, "file_empty"}, {m.Sample, "file_sample"}} {
		if f.path != "" {
			v.Files = append(v.Files, fileOf(ctx, it, f.path, f.label))
		}
	}
	return v
}

// materialForm says how a material is handed in: 电子版，PDF、JPG，每个不超过 20 MB，最多 5 个.
func materialForm(ctx context.Context, m catalog.Material) string {
	parts := []string{catalog.CodeName(i18n.From(ctx), "medium", m.Medium)}
	if len(m.Formats) > 0 {
		parts = append(parts, strings.ToUpper(strings.Join(m.Formats, " ")), t(ctx, "material_size", errs.P{"mb": m.MaxMB, "n": m.MaxFiles}))
	}
	if m.Medium != "electronic" && m.Original > 0 {
		parts = append(parts, t(ctx, "material_original", errs.P{"n": m.Original}))
	}
	if m.Medium != "electronic" && m.Copies > 0 {
		parts = append(parts, t(ctx, "material_copies", errs.P{"n": m.Copies}))
	}
	return strings.Join(parts, t(ctx, "comma"))
}

func fileOf(ctx context.Context, it *catalog.Item, name, label string) fileView {
	return fileView{
		Label: t(ctx, label), Name: strings.ToUpper(strings.TrimPrefix(path.Ext(name), ".")),
		Href: "/items/" + url.PathEscape(it.Key) + "/files/" + url.PathEscape(path.Base(name)),
	}
}

// details are the descriptive elements of the national standard, for those who need them.
func details(ctx context.Context, it *catalog.Item, office bool) []fact {
	l := i18n.From(ctx)
	var out []fact
	for _, e := range catalog.Elements {
		if text := e.Text(l, it); text != "" && e.Detail(office) {
			out = append(out, fact{Key: e.Label(l), Value: text, Foreign: !e.Coded(), Num: e.Group == "code"})
		}
	}
	return out
}

// file gives a sample or blank form: pictures and PDFs are shown, the rest is saved.
func (p *Pages) file(w http.ResponseWriter, r *http.Request) error {
	f, err := p.catalog.File(r.Context(), r.PathValue("key"), "files/"+r.PathValue("name"))
	if err != nil {
		return err
	}
	inline := f.Mime == "application/pdf" || strings.HasPrefix(f.Mime, "image/")
	return web.File(w, path.Base(f.Path), f.Mime, inline, bytes.NewReader(f.Content))
}
