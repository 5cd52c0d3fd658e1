package cases

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/base/event"
	"tongban/internal/base/i18n"
	"tongban/internal/domain/licence"
	"tongban/internal/domain/org"
	"tongban/internal/domain/paper"
	"tongban/internal/engine/clock"
)

// The four legal kinds in which what was granted is taken back. They are never mixed up: each has its own grounds, paper and state of the licence.
const (
	TakeWithdraw = "withdrawn" // 撤回（行政许可法 第八条）: it was lawful; the law or the facts changed
	TakeRevoke   = "revoked"   // 撤销（第六十九条）: it should never have been granted
	TakeForfeit  = "forfeited" // 吊销: a penalty
	TakeCancel   = "cancelled" // 注销（第七十条）: its formal end
)

// Takings lists the kinds.
var Takings = []string{TakeWithdraw, TakeRevoke, TakeForfeit, TakeCancel}

// The grounds of the kinds, as the law numbers them.
var takeGrounds = map[string][]string{
	TakeWithdraw: {"law_changed", "facts_changed"},
	TakeRevoke:   {"abuse", "beyond_powers", "procedure", "unqualified", "other_revocable", "fraud"}, // 第六十九条第一款 (1)–(5), 第二款
	TakeForfeit:  {"penalty"},
	TakeCancel:   {"expired", "dead", "dissolved", "taken_back", "force_majeure", "other_law"}, // 第七十条 (1)–(6)
}

// TakeGrounds gives the grounds of a kind.
func TakeGrounds(kind string) []string { return takeGrounds[kind] }

// heard are the kinds before which the holder is told and heard.
var heardBefore = []string{TakeRevoke, TakeForfeit}

// The legal events after a decision.
const (
	EventTakingTold = "revocation_told"
	EventTaken      = "revoked"
	EventRectified  = "rectified"
	EventRenewed    = "deemed_renewed"
)

// Revocation takes back what was granted. A penalty names its decision; a withdrawal says how losses are made good (行政许可法 第八条第二款). Heard is what
// the holder stated, and how that was weighed; Answered that they have, so that the time they were given need not run out.
type Revocation struct {
	Kind         string    `json:"kind"`
	Ground       string    `json:"ground"`
	Reason       string    `json:"reason"`
	Basis        string    `json:"basis"`
	Penalty      string    `json:"penalty,omitempty"`      // number of the penalty decision
	Compensation string    `json:"compensation,omitempty"` // of a withdrawal
	Heard        string    `json:"heard,omitempty"`
	Answered     bool      `json:"answered,omitempty"`
	LicenceID    string    `json:"licence,omitempty"` // set by the service
	By           string    `json:"by,omitempty"`
	For          string    `json:"for,omitempty"`
	At           time.Time `json:"at,omitzero"`
}

// Announcement tells the holder that something is to be taken back, and that they may state their view within so many working days (陈述、申辩).
type Announcement struct {
	Kind   string    `json:"kind"`
	Ground string    `json:"ground"`
	Reason string    `json:"reason"`
	Basis  string    `json:"basis"`
	Days   int       `json:"days"`
	By     string    `json:"by,omitempty"`
	At     time.Time `json:"at,omitzero"`
	Until  time.Time `json:"until,omitzero"`
}

// The least and the most working days the holder is given.
const (
	minHearing = 3
	maxHearing = 60
)

// takingData is what the event says; never words.
type takingData struct {
	Kind   string    `json:"kind"`
	Ground string    `json:"ground"`
	Until  time.Time `json:"until,omitzero"`
}

// Announce tells the holder what is to be taken back and why, before a revocation or a penalty takes effect.
func (s *Service) Announce(ctx context.Context, a authz.Actor, id string, version int64, in Announcement) (Case, error) {
	in = Announcement{Kind: in.Kind, Ground: in.Ground, Reason: strings.TrimSpace(in.Reason), Basis: strings.TrimSpace(in.Basis), Days: in.Days}
	return s.do(ctx, a, id, ActAnnounce, version, in, func(w *work) error {
		if err := w.officer(org.Revoke); err != nil {
			return err
		}
		if err := w.announceable(in); err != nil {
			return err
		}
		if err := w.to(ActAnnounce); err != nil {
			return err
		}
		var c Clock
		limit := clock.Period{N: in.Days, Unit: clock.Workday}
		in.Until = c.run(w.now, limit, nil, w.cal, false)
		w.note(EventTakingTold, w.now, w.by, takingData{in.Kind, in.Ground, in.Until})
		w.effect(func(ctx context.Context, tx *db.Tx) error {
			return s.putOpinionTx(ctx, tx, w.c.ID, sayAnnounced, in.Kind, in.Ground, w.by, w.now, in)
		})
		words := map[string]string{"reason": w.takeWords(in.Ground, in.Reason), "basis": in.Basis, "result": w.taken(in.Kind), "limit": periodCN(limit)}
		w.paper(paper.RevokeTold, words)
		w.inform("case.revocation_told", map[string]string{"reason": words["reason"], "due": dateCN(in.Until), "licence": words["result"]})
		w.tell(func() event.Event { return RevocationToldEvent{Fact: w.fact(), Kind: in.Kind, Ground: in.Ground} })
		return nil
	})
}

func (w *work) announceable(in Announcement) error {
	if err := w.granted(); err != nil {
		return err
	}
	fs := takeFindings(in.Kind, in.Ground, in.Reason, in.Basis)
	if !slices.Contains(heardBefore, in.Kind) {
		fs = append(fs, Finding{Path: "kind", Key: "cases.told_needless"})
	}
	if in.Days < minHearing || in.Days > maxHearing {
		fs = append(fs, Finding{Path: "days", Key: "cases.hearing_days", Params: errs.P{"min": minHearing, "max": maxHearing}})
	}
	return errs.Fields("cases.incomplete", fs)
}

// Revoke takes back what the case granted, in one of the four legal kinds, by a post with the right to. The licence changes its state in the same
// transaction. Errors: cases.not_granted, cases.incomplete, cases.revoke_untold before the holder was told, cases.revoke_wait while they may still
// answer, cases.revoked_already, cases.ground_does_not_fit.
func (s *Service) Revoke(ctx context.Context, a authz.Actor, id string, version int64, in Revocation) (Case, error) {
	in = Revocation{
		Kind: in.Kind, Ground: in.Ground, Reason: strings.TrimSpace(in.Reason), Basis: strings.TrimSpace(in.Basis), Penalty: strings.TrimSpace(in.Penalty),
		Compensation: strings.TrimSpace(in.Compensation), Heard: strings.TrimSpace(in.Heard), Answered: in.Answered,
	}
	return s.do(ctx, a, id, ActRevoke, version, in, func(w *work) error {
		if err := w.officer(org.Revoke); err != nil {
			return err
		}
		l, err := w.revocable(ctx, in)
		if err != nil {
			return err
		}
		if err := w.to(ActRevoke); err != nil {
			return err
		}
		in.For = w.standsFor
		w.takeBack(in, l, "revoke_"+in.Kind)
		w.inform("case.revoked", map[string]string{"reason": w.takeWords(in.Ground, in.Reason), "licence": w.taken(in.Kind)})
		return nil
	})
}

// revocable checks a revocation against the record and gives the licence it is about, zero where none was made.
func (w *work) revocable(ctx context.Context, in Revocation) (licence.Licence, error) {
	if err := w.granted(); err != nil {
		return licence.Licence{}, err
	}
	fs := takeFindings(in.Kind, in.Ground, in.Reason, in.Basis)
	for path, missing := range map[string]bool{
		"penalty": in.Kind == TakeForfeit && in.Penalty == "", "compensation": in.Kind == TakeWithdraw && in.Compensation == "",
		"heard": slices.Contains(heardBefore, in.Kind) && in.Heard == "",
	} {
		if missing {
			fs = append(fs, Finding{Path: path, Key: "cases.give_" + path})
		}
	}
	for path, text := range map[string]string{"penalty": in.Penalty, "compensation": in.Compensation, "heard": in.Heard} {
		if len([]rune(text)) > maxWords {
			fs = append(fs, Finding{Path: path, Key: "cases.too_long", Params: errs.P{"max": maxWords}})
		}
	}
	if err := errs.Fields("cases.incomplete", fs); err != nil {
		return licence.Licence{}, err
	}
	if err := w.wasHeard(in); err != nil {
		return licence.Licence{}, err
	}
	return w.takeable(ctx, in)
}

// wasHeard checks that the holder was told of this very kind and ground, and had the time to answer or has answered.
func (w *work) wasHeard(in Revocation) error {
	if !slices.Contains(heardBefore, in.Kind) {
		return nil
	}
	told := replay(w.events).told
	switch {
	case told.Kind != in.Kind || told.Ground != in.Ground:
		return errs.New(errs.Conflict, "cases.revoke_untold", errs.P{"kind": i18n.Key("cases.take_" + in.Kind)})
	case !in.Answered && !passed(w.now, told.Until):
		return errs.New(errs.Conflict, "cases.revoke_wait", errs.P{"date": dateCN(told.Until)})
	}
	return nil
}

// takeable checks that the licence, or without one the grant, is in a state that can be taken back so, and that the ground is true of it.
func (w *work) takeable(ctx context.Context, in Revocation) (licence.Licence, error) {
	already := replay(w.events).taken
	fits := true
	switch in.Ground {
	case "dead":
		fits = w.c.ApplicantKind == ByPerson
	case "dissolved":
		fits = w.c.ApplicantKind == ByFirm
	case "taken_back":
		fits = already != "" && already != TakeCancel
	}
	l, err := w.lastLicence(ctx)
	if err != nil {
		return l, err
	}
	to := licence.State(in.Kind)
	switch state := l.On(today(w.now)); {
	case l.ID == "" && already != "" && (in.Kind != TakeCancel || already == TakeCancel):
		return l, errs.New(errs.Conflict, "cases.revoked_already", errs.P{"kind": i18n.Key("cases.take_" + already)})
	case l.ID != "" && !state.CanBecome(to):
		return l, errs.New(errs.Conflict, "licence.state", errs.P{"from": i18n.Key("licence.state_" + string(state)), "to": i18n.Key("licence.state_" + in.Kind)})
	case l.ID != "" && in.Ground == "expired":
		fits = state == licence.Expired
	case l.ID != "" && in.Ground == "taken_back":
		fits = state == licence.Revoked || state == licence.Withdrawn || state == licence.Forfeited
	}
	if !fits {
		return l, errs.New(errs.Conflict, "cases.ground_does_not_fit", errs.P{"ground": i18n.Key("cases.take_ground_" + in.Ground)})
	}
	return l, nil
}

// lastLicence gives the licence that stands for what the case granted: the one it made, or what took that one's place.
func (w *work) lastLicence(ctx context.Context) (licence.Licence, error) {
	rooms, err := w.s.lives()
	if err != nil || w.c.LicenceID == "" {
		return licence.Licence{}, nil //nolint:nilerr // an approval without a licence, or licences without a life of their own: only the decision is taken back
	}
	return rooms.Last(ctx, w.c.LicenceID)
}

// takeBack is the one way in which something granted is taken back: event, record, paper, and the state of the licence, in one transaction.
func (w *work) takeBack(in Revocation, l licence.Licence, paperAct string) {
	in.LicenceID = l.ID
	w.note(EventTaken, w.now, w.by, takingData{Kind: in.Kind, Ground: in.Ground})
	by := w.by
	w.paper(paperAct, map[string]string{
		"reason": w.takeWords(in.Ground, in.Reason), "basis": in.Basis, "result": first(l.TypeName, first(w.item.Result.Name, w.item.Name)), "conditions": in.Compensation,
		"right_authority": in.Penalty, "defects": in.Heard,
	})
	w.effect(func(ctx context.Context, tx *db.Tx) error {
		if err := w.s.putOpinionTx(ctx, tx, w.c.ID, sayTaken, in.Kind, in.Ground, by, w.now, in); err != nil || l.ID == "" {
			return err
		}
		rooms, err := w.s.lives()
		if err != nil {
			return err
		}
		return rooms.ChangeTx(ctx, tx, w.now, l.ID, licence.Change{
			To: licence.State(in.Kind), Ground: in.Ground, Reason: in.Reason, Basis: in.Basis, By: by, CaseID: w.c.ID, PaperID: w.licence.issued[paperAct],
		})
	})
	w.tell(func() event.Event {
		return RevokedEvent{Fact: w.fact(), Kind: in.Kind, Ground: in.Ground, LicenceID: l.ID}
	})
}

// taken names what is taken back and how: 撤销食品经营许可证.
func (w *work) taken(kind string) string {
	return cn("cases.take_"+kind) + "“" + first(w.item.Result.Name, w.item.Name) + "”"
}

func (w *work) takeWords(ground, reason string) string {
	return cn("cases.take_ground_"+ground) + "：" + reason
}

// granted checks that there is something to take back.
func (w *work) granted() error {
	if w.c.Outcome == Grant || w.c.Outcome == Partly {
		return nil
	}
	return errs.New(errs.Conflict, "cases.not_granted")
}

func takeFindings(kind, ground, reason, basis string) (fs []Finding) {
	if !slices.Contains(Takings, kind) {
		fs = append(fs, Finding{Path: "kind", Key: "cases.choose_taking"})
	} else if !slices.Contains(takeGrounds[kind], ground) {
		fs = append(fs, Finding{Path: "ground", Key: "cases.choose_taking_ground"})
	}
	for path, text := range map[string]string{"reason": reason, "basis": basis} {
		switch {
		case text == "":
			fs = append(fs, Finding{Path: path, Key: "cases.give_" + path})
		case len([]rune(text)) > maxWords:
			fs = append(fs, Finding{Path: path, Key: "cases.too_long", Params: errs.P{"max": maxWords}})
		}
	}
	return fs
}

// takes over what was told and taken back.
func (r *replayed) taking(e Event) {
	var d takingData
	_ = json.Unmarshal(e.Data, &d) // written by us
	if e.Kind == EventTakingTold {
		r.told = d
		return
	}
	r.taken = d.Kind
}
