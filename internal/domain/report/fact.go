package report

import (
	"context"
	"fmt"
	"time"

	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/base/event"
	"tongban/internal/domain/cases"
	"tongban/internal/domain/rating"
	"tongban/internal/domain/supervision"
)

// The kinds of facts.
const (
	factReceived   = "received"
	factAccepted   = "accepted"
	factDeemed     = "deemed"
	factUnaccepted = "unaccepted"
	factCorrection = "correction"
	factDecided    = "decided"
	factConcluded  = "concluded"
	factWithdrawn  = "withdrawn"
	factEnded      = "ended"
	factRating     = "rating"
	factCard       = "card"
	factCancelled  = "cancelled"
)

// unset is on_time and days where there is nothing to measure.
const unset = -1

// fact is one thing that counts.
type fact struct {
	Kind, Ref, CaseID, CaseNo     string
	At, Noted                     time.Time
	Region, Agency, Item, Channel string
	Outcome                       string
	OnTime, Days, Legal           int
	Planned, Trips                int
	Reused, Uploaded              int
	Grade                         int
}

// Listeners note what happens. They are safe to run twice: a fact is known by its kind and ref.
func (s *Service) Listeners() []event.Listener {
	var out []event.Listener
	for _, t := range s.tellers() {
		out = append(out, event.Listener{Name: "report." + t.topic, Topic: t.topic, Handle: t.note})
	}
	return out
}

type teller struct {
	topic string
	note  func(ctx context.Context, tx *db.Tx, st event.Stored) error
}

func (s *Service) tellers() []teller {
	return []teller{
		caseTeller(s, factReceived, func(c cases.Case, _ cases.SubmittedEvent, f *fact) { f.At = c.Submitted }),
		caseTeller(s, factAccepted, func(c cases.Case, _ cases.AcceptedEvent, f *fact) { f.At = c.Accepted }),
		caseTeller(s, factDeemed, func(_ cases.Case, e cases.DeemedAcceptedEvent, f *fact) { f.At = e.From }),
		caseTeller[cases.RefusedAcceptanceEvent](s, factUnaccepted, nil),
		caseTeller(s, factCorrection, func(_ cases.Case, e cases.CorrectionRequestedEvent, f *fact) {
			f.Ref = fmt.Sprintf("%s:%d", e.CaseID, e.Round)
		}),
		caseTeller(s, factDecided, func(c cases.Case, e cases.DecidedEvent, f *fact) { f.At, f.Outcome = c.Decided, string(e.Outcome) }),
		caseTeller(s, factConcluded, func(c cases.Case, _ cases.ConcludedEvent, f *fact) { f.At = c.Concluded }),
		caseTeller[cases.WithdrawnEvent](s, factWithdrawn, nil),
		caseTeller(s, factEnded, func(_ cases.Case, e cases.EndedEvent, f *fact) { f.Outcome = e.Act }),
		{rating.GivenEvent{}.Topic(), s.rated},
		{supervision.AlarmEvent{}.Topic(), s.carded},
		{supervision.CardEvent{}.Topic(), s.cancelled},
	}
}

// common reads the part every event of cases has.
type common struct{ cases.Fact }

// Topic is never published: this room only reads.
func (common) Topic() string { return "" }

// caseTeller notes one event of a case; more adds what this kind knows. What was entered afterwards counts for its own day, not for that of the entry.
func caseTeller[E event.Event](s *Service, kind string, more func(cases.Case, E, *fact)) teller {
	var none E
	return teller{none.Topic(), func(ctx context.Context, tx *db.Tx, st event.Stored) error {
		e, err := event.Decode[E](st)
		if err != nil {
			return err
		}
		of, err := event.Decode[common](st)
		if err != nil {
			return err
		}
		c, err := s.Cases.Head(ctx, of.CaseID)
		if errs.KindOf(err) == errs.NotFound {
			return nil // a case that was removed counts nowhere
		}
		if err != nil {
			return err
		}
		f := fact{
			Kind: kind, Ref: of.CaseID, CaseID: of.CaseID, CaseNo: of.CaseNo, At: of.At, Region: of.Region, Agency: of.Agency, Item: of.ItemKey, Channel: c.Channel,
			OnTime: unset, Days: unset,
		}
		if more != nil {
			more(c, e, &f)
		}
		if f.At.IsZero() {
			f.At = of.At
		}
		if err := s.took(ctx, c, &f); err != nil {
			return err
		}
		f.Noted = s.Now()
		return insertFact(ctx, tx, f)
	}}
}

// took adds what a decision took, and what a case took that is over.
func (s *Service) took(ctx context.Context, c cases.Case, f *fact) error {
	if f.Kind != factDecided && f.Kind != factConcluded {
		return nil
	}
	m, err := s.Cases.Measure(ctx, c.ID)
	if err != nil {
		return err
	}
	if f.Kind == factDecided {
		if p := m.Pace; p != nil {
			f.Days, f.Legal = p.Actual, p.Legal
			if on, known := p.OnTime(); known {
				f.OnTime = 0
				if on {
					f.OnTime = 1
				}
			}
		}
		return nil
	}
	f.Trips, f.Reused, f.Uploaded = m.Trips, m.Reused, m.Uploaded
	planned, err := s.Planned(ctx, c)
	if err != nil {
		return err
	}
	f.Planned = unset
	if planned != nil {
		f.Planned = *planned
	}
	return nil
}

// rated notes a rating: its agency, item and grade; neither case nor rater.
func (s *Service) rated(ctx context.Context, tx *db.Tx, st event.Stored) error {
	e, err := event.Decode[rating.GivenEvent](st)
	if err != nil {
		return err
	}
	return insertFact(ctx, tx, fact{
		Kind: factRating, Ref: e.RatingID, At: st.At, Noted: s.Now(), Region: s.RegionOf(ctx, e.Agency), Agency: e.Agency, Item: e.Item, Grade: e.Grade, OnTime: unset, Days: unset,
	})
}

// carded notes a card of supervision; one over a day belongs to no case.
func (s *Service) carded(ctx context.Context, tx *db.Tx, st event.Stored) error {
	e, err := event.Decode[supervision.AlarmEvent](st)
	if err != nil {
		return err
	}
	f := fact{Kind: factCard, Ref: e.AlarmID, At: st.At, Region: e.Region, Agency: e.Agency, Outcome: string(e.Level), OnTime: unset, Days: unset}
	if e.CaseID != "" {
		c, err := s.Cases.Head(ctx, e.CaseID)
		if err != nil && errs.KindOf(err) != errs.NotFound {
			return err
		}
		f.CaseID, f.CaseNo, f.Item, f.Channel = e.CaseID, c.CaseNo, c.ItemKey, c.Channel
	}
	f.Noted = s.Now()
	return insertFact(ctx, tx, f)
}

// cancelled notes that two supervisors took a card back; it counts in the month of that, beside the card.
func (s *Service) cancelled(ctx context.Context, tx *db.Tx, st event.Stored) error {
	e, err := event.Decode[supervision.CardEvent](st)
	if err != nil || e.Act != supervision.Confirm {
		return err
	}
	f, err := cardOf(ctx, tx, e.AlarmID)
	if err != nil {
		return err
	}
	f.Kind, f.Ref, f.At, f.Noted, f.Outcome, f.Region, f.Agency = factCancelled, e.AlarmID, st.At, s.Now(), string(e.Level), e.Region, e.Agency
	f.OnTime, f.Days = unset, unset
	return insertFact(ctx, tx, f)
}
