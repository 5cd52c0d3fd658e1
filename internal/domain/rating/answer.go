package rating

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
)

// The states of a bad rating.
const (
	Open     = "open"
	Verified = "verified"
	Answered = "answered"
)

// Findings are what verifying may bring out: put right at once, complex and in a ledger, or a wish without legal basis that is explained
// (国办发〔2019〕51号). Their words are the texts rating.finding_<finding>.
var Findings = []string{"clear", "complex", "no_basis"}

// BadRating is a bad rating as the agency sees it: what was said, never by whom or in which case.
type BadRating struct {
	ID                   string
	Agency, Item         string
	ItemName             string
	Kind                 Kind
	Channel              Channel
	Grade                int
	Tags                 []string
	Text                 string // only from BadRating; numbers that could name somebody are covered
	Day                  string // date, YYYY-MM-DD: the hour could lead to the rater
	State                string
	VerifyDue, FixDue    time.Time
	Finding              string
	VerifiedAt, Answered time.Time
	Answer               string // only from BadRating

	text, answer []byte
}

// BadPage is one page of an agency's bad ratings; Next is empty on the last.
type BadPage struct {
	Rows []BadRating
	Next string
}

// BadFilter narrows the list: Done shows the answered ones, otherwise those to answer, the most urgent first.
type BadFilter struct {
	Done  bool
	After string
	Limit int // 20 when 0, at most 100
}

// BadRatings lists the bad ratings of the actor's own agency.
func (s *Service) BadRatings(ctx context.Context, actor authz.Actor, f BadFilter) (BadPage, error) {
	if err := staffOnly(actor); err != nil {
		return BadPage{}, err
	}
	f.Limit = min(max(f.Limit, 0), 100)
	if f.Limit == 0 {
		f.Limit = 20
	}
	p, err := badRatings(ctx, s.DB.R(), actor.AgencyID, f)
	for i := range p.Rows {
		p.Rows[i].ItemName = s.ItemName(ctx, p.Rows[i].Item)
	}
	return p, err
}

// BadRating gives one bad rating of the actor's own agency with its text; the reading is on record. Another agency's is errs.NotFound.
func (s *Service) BadRating(ctx context.Context, actor authz.Actor, id string) (BadRating, error) {
	b, err := s.own(ctx, actor, id)
	if err != nil {
		return b, err
	}
	e := audit.Entry{Actor: actor.Name(), Object: "rating:" + id, What: "rating.data_text", Via: actor.Via, Agency: actor.AgencyID}
	if err := s.Audit.Read(ctx, e.From(s.Vault, actor.Origin)); err != nil {
		return BadRating{}, err
	}
	text, err := s.Vault.OpenText("rating_rating.text."+id, b.text)
	if err != nil {
		return BadRating{}, err
	}
	b.Text, b.ItemName = shown(text), s.ItemName(ctx, b.Item)
	b.Answer, err = s.Vault.OpenText("rating_answer.text."+id, b.answer)
	return b, err
}

// Verify records that the agency looked into a bad rating, and what it found.
func (s *Service) Verify(ctx context.Context, actor authz.Actor, id, finding string) error {
	if !slices.Contains(Findings, finding) {
		return errs.Fields("rating.invalid", []errs.Field{{Path: "finding", Key: "rating.finding_missing"}})
	}
	if _, err := s.own(ctx, actor, id); err != nil {
		return err
	}
	now := s.Now()
	return s.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := setVerified(ctx, tx, now, id, finding, actor.StaffID); err != nil {
			return err
		}
		return s.record(ctx, tx, now, actor, "rating.verify", id)
	})
}

// Answer puts the agency's answer on record; the rater reads it on the page of the rating. It must have been verified first.
func (s *Service) Answer(ctx context.Context, actor authz.Actor, id, text string) error {
	text = strings.TrimSpace(text)
	if n := utf8.RuneCountInString(text); n < minAnswer || n > maxAnswer {
		return errs.Fields("rating.invalid", []errs.Field{{Path: "answer", Key: "rating.answer_length", Params: errs.P{"n": n, "min": minAnswer, "max": maxAnswer}}})
	}
	if _, err := s.own(ctx, actor, id); err != nil {
		return err
	}
	now, sealed := s.Now(), s.Vault.SealText("rating_answer.text."+id, text)
	return s.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := setAnswered(ctx, tx, now, id, sealed, actor.StaffID); err != nil {
			return err
		}
		if err := event.Publish(ctx, tx, now, AnsweredEvent{RatingID: id, Agency: actor.AgencyID}); err != nil {
			return err
		}
		return s.record(ctx, tx, now, actor, "rating.answer", id)
	})
}

// The shortest and longest answer, in characters: 已处理 alone is no answer.
const minAnswer, maxAnswer = 10, 2000

// AnsweredEvent tells that an agency answered a bad rating.
type AnsweredEvent struct {
	RatingID string `json:"rating_id"`
	Agency   string `json:"agency"`
}

// Topic is the event's name.
func (AnsweredEvent) Topic() string { return "rating.answered" }

func (s *Service) record(ctx context.Context, tx *db.Tx, now time.Time, actor authz.Actor, act, id string) error {
	return audit.Tx(ctx, tx, now, audit.Entry{Actor: actor.Name(), Act: act, Object: "rating:" + id, Via: actor.Via, Agency: actor.AgencyID}.From(s.Vault, actor.Origin))
}

func (s *Service) own(ctx context.Context, actor authz.Actor, id string) (BadRating, error) {
	if err := staffOnly(actor); err != nil {
		return BadRating{}, err
	}
	return badRating(ctx, s.DB.R(), actor.AgencyID, id)
}

func staffOnly(a authz.Actor) error {
	if a.StaffID == "" || a.AgencyID == "" {
		return errs.New(errs.Forbidden, "rating.only_agency")
	}
	return nil
}
