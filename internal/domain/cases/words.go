package cases

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"tongban/internal/base/db"
	"tongban/internal/base/i18n"
	"tongban/internal/domain/catalog"
	"tongban/internal/domain/notify"
	"tongban/internal/domain/paper"
	"tongban/internal/engine/clock"
	"tongban/internal/engine/cnid"
	"tongban/internal/engine/form"
)

// applicant gives the name, masked unless it is the reader's own. A firm's name is public.
func applicant(r record, own bool) string {
	if own || r.ApplicantKind == ByFirm {
		return r.summary.Name
	}
	return cnid.MaskName(r.summary.Name)
}

// agent names who acts for the applicant, masked unless it is the reader's own case; empty where the applicant acts.
func agent(r record, own bool) string {
	switch {
	case r.behalf == nil && r.MandateID == "":
		return ""
	case own:
		return r.summary.Actor
	}
	return cnid.MaskName(r.summary.Actor)
}

// cn writes a text in Chinese: papers are Chinese whoever reads them.
func cn(key string) string { return i18n.In(i18n.Chinese, key) }

// dateCN writes a date for a paper: 2026年3月2日.
func dateCN(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	y, m, d := t.In(clock.Shanghai).Date()
	return fmt.Sprintf("%d年%d月%d日", y, int(m), d)
}

func today(t time.Time) string { return t.In(clock.Shanghai).Format(time.DateOnly) }

func periodCN(p clock.Period) string {
	if p.N == 0 {
		return ""
	}
	return strconv.Itoa(p.N) + cn("cases.unit_"+string(p.Unit))
}

// answer gives values to the conditions of the item: scenario.<key>, form.<field>, applicant.kind, applicant.age.
func (w *work) answer() func(string) any { return w.answerOf(w.c.content) }

func (w *work) answerOf(c content) func(string) any {
	get := w.form.Getter(c.Form)
	return func(name string) any {
		head, key, _ := strings.Cut(name, ".")
		switch {
		case head == "scenario":
			if v, ok := c.Scenario[key]; ok {
				return v
			}
			return nil
		case head == "form":
			return get(key)
		case name == catalog.ApplicantKind:
			return w.c.ApplicantKind
		case name == catalog.ApplicantAge && w.c.ApplicantKind == ByPerson && w.c.summary.Birth != "":
			return cnid.AgeOn(w.c.summary.Birth, today(w.now))
		}
		return nil
	}
}

// values fills the places of a paper; extra adds the ones of the act. Number, date, remedies and the address to verify are the paper room's.
func (w *work) values(extra map[string]string) map[string]string {
	c := w.c
	v := map[string]string{
		"agency": w.agency.Name, "applicant": c.summary.Name, "applicant_number_masked": cnid.MaskID(c.summary.Number), "item": c.ItemName,
		"case_no": c.CaseNo, "query_code": c.queryCode, "received_cn": dateCN(firstOf(c.Received, c.Submitted)),
		"accepted_cn": dateCN(c.Accepted), "due_cn": dateCN(c.Clock.LegalDue), "promised_cn": dateCN(c.Clock.PromisedDue),
		"limit": periodCN(w.item.Limits.Legal.Period()), "phone": first(w.item.Consult.Phone, w.agency.Phone),
		"complaint_phone": first(w.item.Complain.Phone, w.agency.ComplaintPhone), "officer": w.seat.staff.Name, "window": w.window(), "result": w.item.Result.Name,
		"agent": w.agentWords(), "reason": "", "basis": w.basis(), "materials": "", "defects": "", "conditions": "", "right_authority": "",
	}
	for k, x := range extra {
		v[k] = x
	}
	return v
}

func (w *work) window() string {
	for _, p := range w.seat.posts {
		if p.May("receive", w.c.ItemKey) {
			return p.Name
		}
	}
	return ""
}

func (w *work) basis() string {
	var out []string
	for _, b := range w.item.Basis {
		out = append(out, "《"+b.Law+"》"+b.Article)
	}
	return strings.Join(out, "、")
}

// paper asks for a paper of the act; it is made in the transaction, when number and clock are known.
func (w *work) paper(act string, extra map[string]string) { w.paperOf(act, "", extra) }

// paperOf is paper for a case of the act that has a paper of its own: a ground, or a grant in part.
func (w *work) paperOf(act, variant string, extra map[string]string) {
	by := w.by
	w.effect(func(ctx context.Context, tx *db.Tx) error {
		r := w.paperRequest(act, extra)
		r.By, r.Variant = by, variant
		if o := w.item.OnLicence; o != nil && act == paper.Grant && variant == "" {
			r.Variant = o.Act
		}
		p, err := w.s.Papers.IssueTx(ctx, tx, w.now, r)
		if w.licence.issued == nil {
			w.licence.issued = map[string]string{}
		}
		w.licence.issued[act] = p.ID
		return err
	})
}

func (w *work) paperRequest(act string, extra map[string]string) paper.Request {
	return paper.Request{
		Act: act, ItemType: w.item.ItemType, Nature: w.c.Nature, Template: w.item.Papers[act], Agency: w.agency, CaseID: w.c.ID, CaseNo: w.c.CaseNo,
		Subject: w.c.subject, PersonID: w.c.PersonID, FirmID: w.c.FirmID, Values: w.values(extra), By: w.by,
	}
}

// inform sends a message to the applicant's acting person.
func (w *work) inform(template string, extra map[string]string) {
	w.effect(func(ctx context.Context, tx *db.Tx) error {
		data := map[string]string{
			"item": w.c.ItemName, "case_no": w.c.CaseNo, "due": dateCN(w.c.Clock.Due()), "agency": w.agency.Name, "reason": "", "licence": "",
			"code": w.c.queryCode,
		}
		for k, x := range extra {
			data[k] = x
		}
		return w.s.sendTx(ctx, tx, w, template, data)
	})
}

// sendTx tells the applicant, and whoever acts for them in their own inbox.
func (s *Service) sendTx(ctx context.Context, tx *db.Tx, w *work, template string, data map[string]string) error {
	m := w.message(template, data)
	if err := s.Notices.SendTx(ctx, tx, w.now, m); err != nil || w.c.ActingID == "" || w.c.ActingID == w.c.PersonID {
		return err
	}
	m.Key, m.To = m.Key+":agent", notify.To{Person: w.c.ActingID}
	return s.Notices.SendTx(ctx, tx, w.now, m)
}

func (w *work) message(template string, data map[string]string) notify.Message {
	key := w.c.ID + ":" + template + ":" + strconv.FormatInt(w.c.Version, 10)
	to := notify.To{Person: w.c.PersonID, Phone: first(w.c.content.Contact.Phone, w.c.summary.Phone)}
	return notify.Message{Template: template, Key: key, To: to, Data: data, Link: w.link()}
}

// link is where the applicant sees more: a draft is written on, everything else is followed.
func (w *work) link() string {
	if w.c.State == Draft {
		return "/drafts/" + w.c.ID
	}
	return "/my/cases/" + w.c.ID
}

// licenceCodes gives the answers as they are stored, for licence numbers that name a field.
func (w *work) licenceCodes() map[string]string {
	v := map[string]string{}
	for k, x := range w.c.content.Form {
		if text, ok := x.(string); ok {
			v["form."+k] = text
		}
	}
	for k, x := range w.c.content.Scenario {
		v["scenario."+k] = x
	}
	return v
}

// licenceValues gives the licence room everything a field of a licence may come from, in words.
func (w *work) licenceValues(ctx context.Context) map[string]string {
	v := map[string]string{
		"applicant.name": w.c.summary.Name, "applicant.number": w.c.summary.Number, "agency.name": w.agency.Name,
		"decision.date": dateCN(firstOf(w.c.Decided, w.now)), "case_no": w.c.CaseNo, "applicant.birth": w.c.summary.Birth,
	}
	for _, sec := range w.review(ctx, w.c.content.Form) {
		for _, r := range sec.Rows {
			v["form."+r.Key] = r.Value + tableWords(r)
		}
	}
	for _, q := range w.item.Scenario {
		if x, ok := w.c.content.Scenario[q.Key]; ok {
			v["scenario."+q.Key] = optionLabel(q.Options, x)
		}
	}
	return v
}

func tableWords(r form.ReviewRow) string {
	var lines []string
	for _, l := range r.Lines {
		var cells []string
		for _, c := range l {
			cells = append(cells, c.Value)
		}
		lines = append(lines, strings.Join(cells, " "))
	}
	return strings.Join(lines, "；")
}

func optionLabel(all []catalog.Option, value string) string {
	for _, o := range all {
		if o.Value == value {
			return o.Label
		}
	}
	return value
}

func first(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

func firstOf(a, b time.Time) time.Time {
	if !a.IsZero() {
		return a
	}
	return b
}
