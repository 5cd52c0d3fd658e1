package credit

import (
	"context"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"tongban/internal/base/audit"
	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/base/event"
	"tongban/internal/base/i18n"
	"tongban/internal/base/ident"
	"tongban/internal/domain/notify"
	"tongban/internal/domain/paper"
	"tongban/internal/engine/clock"
	"tongban/internal/engine/cnid"
)

const (
	minWords = 6
	maxWords = 2000
)

// Enter enters somebody by a decision of the actor's agency: with reason, basis and a number of the decision, on paper, told to the person if they
// have an account. errs.Invalid credit.incomplete names what is missing; credit.entered_already the second time.
func (s *Service) Enter(ctx context.Context, a authz.Actor, d Decision) (string, error) {
	if err := desk(a); err != nil {
		return "", err
	}
	d = trimmed(d)
	if d.From == "" {
		d.From = s.today()
	}
	if err := s.check(&d); err != nil {
		return "", err
	}
	var err error
	if d.Agency, err = s.d.Offices.Agency(ctx, a.AgencyID); err != nil {
		return "", err
	}
	if d.Kind == Person {
		p, err := s.d.People.PersonByNumber(ctx, d.Number)
		if err != nil && errs.KindOf(err) != errs.NotFound {
			return "", err
		}
		d.PersonID, d.Phone = p.ID, p.Phone
	}
	d.By = a.Name()
	var id string
	err = s.d.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		if id, err = s.EnterTx(ctx, tx, s.d.Now(), d); err != nil {
			return err
		}
		return s.record(ctx, tx, a, audit.Entry{Act: "credit.enter", Object: "credit:" + id, Subject: s.Subject(d.Number)})
	})
	return id, err
}

func trimmed(d Decision) Decision {
	for _, p := range []*string{&d.Name, &d.Number, &d.Reason, &d.Basis, &d.From, &d.Until, &d.Item, &d.CaseNo} {
		*p = strings.TrimSpace(*p)
	}
	return d
}

// check cleans a decision that was typed.
func (s *Service) check(d *Decision) error {
	var fs []errs.Field
	bad := func(path, key string, p errs.P) { fs = append(fs, errs.Field{Path: path, Key: key, Params: p}) }
	switch id, err := cnid.ParseID(d.Number, s.today()); {
	case err == nil:
		d.Kind, d.Number = Person, id.Number
	default:
		code, err := cnid.ParseCreditCode(d.Number)
		if err != nil {
			bad("number", "credit.number_wrong", nil)
		}
		d.Kind, d.Number = Firm, code
	}
	if n := utf8.RuneCountInString(d.Name); n < 2 || n > 200 {
		bad("name", "credit.name_missing", nil)
	}
	if !slices.Contains(Grounds, d.Ground) {
		bad("ground", "credit.choose_ground", nil)
	}
	for path, text := range map[string]string{"reason": d.Reason, "basis": d.Basis} {
		if n := utf8.RuneCountInString(text); n < minWords || n > maxWords {
			bad(path, "credit."+path+"_missing", errs.P{"min": minWords, "max": maxWords})
		}
	}
	if d.CaseNo == "" || utf8.RuneCountInString(d.CaseNo) > 80 {
		bad("ref", "credit.ref_missing", nil)
	}
	if d.Item == "" || utf8.RuneCountInString(d.Item) > 200 {
		bad("item", "credit.item_missing", nil)
	}
	fs = append(fs, dates(d.From, d.Until)...)
	return errs.Fields("credit.incomplete", fs)
}

func dates(from, until string) []errs.Field {
	if _, err := time.Parse(time.DateOnly, from); err != nil {
		return []errs.Field{{Path: "from", Key: "credit.date_wrong"}}
	}
	if until == "" {
		return nil
	}
	if _, err := time.Parse(time.DateOnly, until); err != nil || until < from {
		return []errs.Field{{Path: "until", Key: "credit.date_wrong"}}
	}
	return nil
}

// EnterTx enters somebody in the transaction of the decision that says so: the entry, its paper, the message to the person. The same decision again is
// errs.Conflict credit.entered_already.
func (s *Service) EnterTx(ctx context.Context, tx *db.Tx, now time.Time, d Decision) (string, error) {
	e := Entry{
		ID: ident.New(), Kind: d.Kind, Name: d.Name, Number: d.Number, Ground: d.Ground, Reason: d.Reason, Basis: d.Basis, Agency: d.Agency.Key, By: d.Agency.Name,
		Source: ByDecision, Ref: d.CaseNo, CaseID: d.CaseID, Entered: now, From: d.From, Until: d.Until, State: Active, subject: s.Subject(d.Number), personID: d.PersonID,
	}
	if e.From == "" {
		e.From = now.In(clock.Shanghai).Format(time.DateOnly)
	}
	p, err := s.d.Papers.IssueTx(ctx, tx, now, s.paperOf(e, d))
	if err != nil {
		return "", err
	}
	e.PaperID = p.ID
	added, err := s.putTx(ctx, tx, e, d.By)
	if err != nil {
		return "", err
	}
	if !added {
		return "", errs.New(errs.Conflict, "credit.entered_already")
	}
	if err := s.tellTx(ctx, tx, now, e, "credit.entered", d.Phone, map[string]string{"item": d.Item, "reason": groundCN(e.Ground) + "：" + e.Reason}); err != nil {
		return "", err
	}
	return e.ID, event.Publish(ctx, tx, now, EnteredEvent{ID: e.ID, Agency: e.Agency, Ground: e.Ground, CaseID: e.CaseID})
}

func (s *Service) paperOf(e Entry, d Decision) paper.Request {
	return paper.Request{
		Act: paper.Credit, ItemType: d.ItemType, Agency: d.Agency, CaseID: d.CaseID, CaseNo: d.CaseNo, Subject: e.subject, PersonID: d.PersonID, FirmID: d.FirmID, By: d.By,
		Values: map[string]string{
			"applicant": e.Name, "applicant_number_masked": shownNumber(e.Kind, e.Number), "item": d.Item, "basis": e.Basis,
			"reason": groundCN(e.Ground) + "：" + e.Reason, "limit": untilCN(e.Until),
		},
	}
}

func cn(key string, p ...errs.P) string { return i18n.In(i18n.Chinese, key, p...) }

func groundCN(ground string) string { return cn("credit.ground_" + ground) }

func untilCN(until string) string {
	if until == "" {
		return cn("credit.until_repaired")
	}
	return cn("credit.until_date", errs.P{"date": until})
}

// shownNumber is a number as officers and papers show it: a firm's is public.
func shownNumber(kind, number string) string {
	if kind == Firm {
		return number
	}
	return cnid.MaskID(number)
}

// tellTx tells the person, if they are known here.
func (s *Service) tellTx(ctx context.Context, tx *db.Tx, now time.Time, e Entry, template, phone string, data map[string]string) error {
	if e.personID == "" {
		return nil
	}
	all := map[string]string{"agency": e.By, "case_no": e.Ref, "due": untilCN(e.Until), "item": "", "reason": ""}
	for k, v := range data {
		all[k] = v
	}
	m := notify.Message{Template: template, Key: e.ID + ":" + template + ":" + now.UTC().Format("20060102T150405"), To: notify.To{Person: e.personID, Phone: phone}, Data: all, Link: "/my/credit"}
	return s.d.Notices.SendTx(ctx, tx, now, m)
}
