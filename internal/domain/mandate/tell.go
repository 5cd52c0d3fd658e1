package mandate

import (
	"context"
	"encoding/json"
	"time"

	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/base/i18n"
	"tongban/internal/base/ident"
	"tongban/internal/base/job"
	"tongban/internal/domain/identity"
	"tongban/internal/domain/notify"
)

// toSide says who is told.
type toSide string

const (
	toGiver  toSide = "giver"
	toHolder toSide = "holder"
)

// TellKind is the kind of the jobs that tell the two sides of a mandate what happened. The people's names and phones are asked for when the job runs, so that no
// transaction waits for another room and no job holds personal data.
const TellKind = "mandate.tell"

type tellArgs struct {
	Mandate  string `json:"mandate"`
	To       toSide `json:"to"`
	Template string `json:"template"`
	Key      string `json:"key"` // of the message, which is written once
	Act      string `json:"act,omitempty"`
}

func (s *Service) tell(ctx context.Context, tx *db.Tx, now time.Time, mandate string, to toSide, template string) error {
	return job.EnqueueTx(ctx, tx, now, job.Spec{Kind: TellKind, Args: tellArgs{Mandate: mandate, To: to, Template: template, Key: "mandate:" + ident.New()}})
}

// tellActed tells the one acted for; the same key is told once.
func (s *Service) tellActed(ctx context.Context, tx *db.Tx, now time.Time, template, mandate, act, key string) error {
	return job.EnqueueTx(ctx, tx, now, job.Spec{Kind: TellKind, Key: key, Args: tellArgs{Mandate: mandate, To: toGiver, Template: template, Key: "mandate:" + key, Act: act}})
}

func (s *Service) teller(ctx context.Context, j job.Job) error {
	var a tellArgs
	if err := json.Unmarshal(j.Args, &a); err != nil {
		return job.Permanent(err)
	}
	m, err := s.find(ctx, s.d.R(), a.Mandate)
	if errs.KindOf(err) == errs.NotFound {
		return job.Permanent(err)
	}
	if err != nil {
		return err
	}
	to, err := s.address(ctx, m, a.To)
	if err != nil || to == (notify.To{}) {
		return err
	}
	data, err := s.data(ctx, m, a)
	if err != nil {
		return err
	}
	msg := notify.Message{Template: a.Template, Key: a.Key + ":" + string(a.To), To: to, Data: data, Link: "/my/mandates/" + m.ID}
	if m.ForKind == ForFirm && a.To == toGiver {
		msg.Link = "/my/agents" // which says how to act for the firm, if the reader does not
	}
	return s.d.Tx(ctx, func(ctx context.Context, tx *db.Tx) error { return s.deps.Send(ctx, tx, s.now(), msg) })
}

// address finds whom to tell: the holder, the one acted for, or for a firm its legal representative. Somebody without an account here is told nothing but
// by a phone that was given.
func (s *Service) address(ctx context.Context, m Mandate, side toSide) (notify.To, error) {
	var p identity.Person
	var err error
	switch {
	case side == toHolder && m.HolderID == "":
		return notify.To{Phone: m.Named.Phone}, nil
	case side == toHolder:
		p, err = s.deps.People.Person(ctx, m.HolderID)
	case m.ForKind == ForFirm:
		var f identity.Firm
		if f, err = s.deps.People.Firm(ctx, m.ForID); err == nil {
			p, err = s.deps.People.PersonByNumber(ctx, f.LegalPersonNumber)
		}
	default:
		p, err = s.deps.People.Person(ctx, m.ForID)
	}
	if errs.KindOf(err) == errs.NotFound || err == nil && !p.Alive {
		return notify.To{}, nil
	}
	return notify.To{Person: p.ID, Phone: p.Phone}, err
}

// data are the words of a message; names of people are masked.
func (s *Service) data(ctx context.Context, m Mandate, a tellArgs) (map[string]string, error) {
	giver, err := s.principalName(ctx, m.ForKind, m.ForID, true)
	if err != nil {
		return nil, err
	}
	scope, err := s.scopeWords(ctx, i18n.Chinese, m.ForKind, m.Scope)
	if err != nil {
		return nil, err
	}
	holder := identity.Person{Name: m.Named.Name}
	out := map[string]string{
		"giver": giver, "holder": holder.Masked(), "kind": words("mandate.kind_" + string(m.Kind)), "acts": scope.Acts, "items": scope.Items,
		"from": m.Term.From, "until": m.Term.Until,
	}
	if m.Why != "" {
		out["why"] = words("mandate.why_" + string(m.Why))
	}
	if !m.AnswerBy.IsZero() {
		out["answer_by"] = dayOf(m.AnswerBy.Add(-time.Millisecond))
	}
	if !m.ConfirmBy.IsZero() {
		out["confirm_by"] = dayOf(m.ConfirmBy.Add(-time.Millisecond))
	}
	if a.Act != "" {
		d, err := s.act(ctx, s.d.R(), a.Act)
		if err != nil {
			return nil, err
		}
		out["act"], out["what"] = words("mandate.did_"+d.Act), d.What
		if d.What == "" {
			out["what"] = words("mandate.something")
		}
	}
	return out, nil
}
