package cases

import (
	"context"
	"slices"
	"strings"
	"time"

	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/base/event"
	"tongban/internal/base/i18n"
	"tongban/internal/domain/licence"
	"tongban/internal/domain/paper"
	"tongban/internal/engine/flow"
)

// What can be corrected.
const (
	RectifyPaper   = "paper"   // the decision or another paper of the case
	RectifyLicence = "licence" // a field of the licence: it is issued anew
)

// Rectification corrects a clerical error (更正). What was decided and for whom is no clerical error and cannot be corrected so.
type Rectification struct {
	What    string    `json:"what"`
	PaperID string    `json:"paper,omitempty"` // of a paper: which; left out, the decision
	Field   string    `json:"field,omitempty"` // of a licence: key of the field
	Old     string    `json:"old"`
	New     string    `json:"new"`
	Reason  string    `json:"reason"`
	Title   string    `json:"title,omitempty"` // of what was corrected; set by the service
	By      string    `json:"by,omitempty"`
	For     string    `json:"for,omitempty"`
	At      time.Time `json:"at,omitzero"`
}

// maxRectified is the longest text that is a slip of the pen.
const maxRectified = 200

// Rectify corrects a clerical error in a paper or in the licence: old text for new text, with a paper that names what it corrects. A licence is issued
// anew in the place of the wrong one. Errors: cases.incomplete, cases.rectify_substance, cases.rectify_no_paper, cases.rectify_old.
func (s *Service) Rectify(ctx context.Context, a authz.Actor, id string, version int64, in Rectification) (Case, error) {
	in = Rectification{
		What: in.What, PaperID: in.PaperID, Field: in.Field, Old: strings.TrimSpace(in.Old), New: strings.TrimSpace(in.New), Reason: strings.TrimSpace(in.Reason),
	}
	return s.do(ctx, a, id, ActRectify, version, in, func(w *work) error {
		if err := w.officer(flow.Decide); err != nil {
			return err
		}
		if err := w.clerical(in); err != nil {
			return err
		}
		var err error
		if in.What == RectifyLicence {
			in.Title, err = w.rectifyLicence(ctx, in)
		} else {
			in.Title, err = w.rectifiedPaper(ctx, in.PaperID)
		}
		if err != nil {
			return err
		}
		if err := w.to(ActRectify); err != nil {
			return err
		}
		in.For = w.standsFor
		by := w.by
		w.note(EventRectified, w.now, w.by, map[string]string{"what": in.What})
		w.effect(func(ctx context.Context, tx *db.Tx) error {
			return s.putOpinionTx(ctx, tx, w.c.ID, sayRectified, in.What, "", by, w.now, in)
		})
		w.paper(paper.Rectify, map[string]string{"result": in.Title, "defects": in.Old, "conditions": in.New, "reason": in.Reason})
		w.inform("case.rectified", map[string]string{"licence": in.Title, "reason": in.Reason})
		w.tell(func() event.Event { return RectifiedEvent{Fact: w.fact(), What: in.What, LicenceID: w.c.LicenceID} })
		return nil
	})
}

// outcomes are the words that say what was decided; a correction must leave them as they are.
var outcomeWords = []string{"不予", "准予", "部分", "同意", "不同意", "驳回", "撤销", "撤回", "吊销", "注销", "延续", "变更"}

// clerical checks that a correction says what it must and changes nothing of what was decided and for whom.
func (w *work) clerical(in Rectification) error {
	var fs []Finding
	if in.What != RectifyPaper && in.What != RectifyLicence {
		fs = append(fs, Finding{Path: "what", Key: "cases.choose_rectified"})
	}
	for path, text := range map[string]string{"old": in.Old, "new": in.New, "reason": in.Reason} {
		switch {
		case text == "":
			fs = append(fs, Finding{Path: path, Key: "cases.give_" + path})
		case path != "reason" && len([]rune(text)) > maxRectified:
			fs = append(fs, Finding{Path: path, Key: "cases.too_long", Params: errs.P{"max": maxRectified}})
		case len([]rune(text)) > maxWords:
			fs = append(fs, Finding{Path: path, Key: "cases.too_long", Params: errs.P{"max": maxWords}})
		}
	}
	if in.Old == in.New && in.Old != "" {
		fs = append(fs, Finding{Path: "new", Key: "cases.rectify_same"})
	}
	if in.What == RectifyLicence && in.Field == "" {
		fs = append(fs, Finding{Path: "field", Key: "cases.choose_field"})
	}
	if err := errs.Fields("cases.incomplete", fs); err != nil {
		return err
	}
	for _, word := range outcomeWords {
		if strings.Contains(in.Old, word) != strings.Contains(in.New, word) {
			return errs.New(errs.Conflict, "cases.rectify_substance")
		}
	}
	for _, who := range []string{w.c.summary.Name, w.c.summary.Number} {
		if who != "" && (strings.Contains(in.Old, who) != strings.Contains(in.New, who)) {
			return errs.New(errs.Conflict, "cases.rectify_substance")
		}
	}
	return nil
}

// rectifiedPaper names the paper that is corrected: the one given, or the decision.
func (w *work) rectifiedPaper(ctx context.Context, id string) (string, error) {
	none := errs.New(errs.Conflict, "cases.rectify_no_paper")
	if w.s.Proofs == nil {
		return "", none
	}
	ps, err := w.s.Proofs.OfCase(ctx, w.c.ID)
	if err != nil {
		return "", err
	}
	for _, p := range ps {
		if id != "" && p.ID == id || id == "" && (p.Act == paper.Grant || p.Act == paper.Refuse || p.Act == paper.Renewed) {
			return "《" + p.Title + "》（" + p.Number + "）", nil
		}
	}
	return "", none
}

// rectifyLicence has the licence of the case issued anew with one field put right. Who holds it, its number and its term are no fields of this kind.
func (w *work) rectifyLicence(ctx context.Context, in Rectification) (string, error) {
	rooms, err := w.s.lives()
	if err != nil {
		return "", err
	}
	if w.c.LicenceID == "" {
		return "", errs.New(errs.Conflict, "cases.rectify_no_licence")
	}
	l, err := rooms.Get(ctx, w.c.LicenceID)
	if err != nil {
		return "", err
	}
	if state := l.On(today(w.now)); state != licence.Valid {
		return "", errs.New(errs.Conflict, "licence.state", errs.P{"from": i18n.Key("licence.state_" + string(state)), "to": i18n.Key("licence.state_superseded")})
	}
	t, err := rooms.TypeVersion(ctx, l.Type, l.TypeVersion)
	if err != nil {
		return "", err
	}
	i := slices.IndexFunc(t.Fields, func(f licence.Field) bool { return f.Key == in.Field })
	switch {
	case i < 0:
		return "", errs.Fields("cases.incomplete", []Finding{{Path: "field", Key: "cases.choose_field"}})
	case !Rectifiable(t.Fields[i]):
		return "", errs.New(errs.Conflict, "cases.rectify_substance")
	case l.Fields[in.Field] != in.Old:
		return "", errs.New(errs.Conflict, "cases.rectify_old", errs.P{"field": t.Fields[i].Label, "text": l.Fields[in.Field]})
	}
	by := w.by
	r := licence.Replace{
		Issue: licence.Issue{
			TypeKey: l.Type, Agency: w.agency, CaseID: w.c.ID, ItemKey: w.c.ItemKey, HolderKind: l.HolderKind, HolderName: l.HolderName, HolderNumber: l.HolderNumber,
			PersonID: l.PersonID, FirmID: l.FirmID, Values: map[string]string{in.Field: in.New}, Test: w.s.Test, By: by,
		},
		Previous: l.ID, Kind: licence.KindRectify, Reason: in.Reason,
	}
	w.before = append(w.before, func(ctx context.Context, tx *db.Tx) error {
		made, err := rooms.ReplaceTx(ctx, tx, w.now, r)
		if err == nil {
			w.c.LicenceID = made.ID
		}
		return err
	})
	return "《" + l.TypeName + "》（" + l.Number + "）" + t.Fields[i].Label, nil
}

// Rectifiable reports whether a field of a licence can be corrected: one that came from the application, not its holder, its number or its term.
func Rectifiable(f licence.Field) bool {
	return strings.HasPrefix(f.From, "form.") || strings.HasPrefix(f.From, "scenario.")
}

// RectifiableFields gives the fields of the licence of a case that can be corrected, with what they say; for the officers who may.
func (s *Service) RectifiableFields(ctx context.Context, a authz.Actor, id string) (out []LicenceField, err error) {
	w, err := s.load(ctx, a, id)
	if err != nil {
		return nil, err
	}
	rooms, err := s.lives()
	if err != nil || w.c.LicenceID == "" || !w.may(flow.Decide) {
		return nil, nil //nolint:nilerr // nothing to correct
	}
	l, err := rooms.Get(ctx, w.c.LicenceID)
	if err != nil {
		return nil, err
	}
	t, err := rooms.TypeVersion(ctx, l.Type, l.TypeVersion)
	for _, f := range t.Fields {
		if Rectifiable(f) {
			out = append(out, LicenceField{f.Key, f.Label, maskedField(f, l.Fields[f.Key])})
		}
	}
	return out, err
}

// LicenceField is one field of a licence.
type LicenceField struct{ Key, Label, Text string }

// maskedField hides names and numbers of people; who corrects one types it off the licence in front of them.
func maskedField(f licence.Field, text string) string {
	for suffix, level := range map[string]string{"_name": "name", "_id": "id", "_phone": "phone", "number": "id"} {
		if strings.HasSuffix(f.From, suffix) {
			return maskBy(level, text)
		}
	}
	return text
}
