package desk

import (
	"context"
	"regexp"
	"time"

	"tongban/internal/base/audit"
	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/base/ident"
)

// Phrase is a prepared text. Shared ones belong to an agency.
type Phrase struct {
	ID     string    `json:"id"`
	Title  string    `json:"title"`
	Text   string    `json:"text"`
	Shared bool      `json:"shared"`
	Own    bool      `json:"own"`
	At     time.Time `json:"at"`
	staff  string
	agency string
}

// MostPhrases is how many one officer may keep.
const MostPhrases = 200

// Phrases lists the officer's own phrases and those shared with the agency acted for, own ones first.
func (s *Service) Phrases(ctx context.Context, a authz.Actor) ([]Phrase, error) {
	me, err := owner(a)
	if err != nil {
		return nil, err
	}
	return s.phrases(ctx, me, a.AgencyID)
}

// AddPhrase keeps a phrase, for oneself or, by who may decide, for everybody of the agency (errs.Forbidden desk.share_heads).
func (s *Service) AddPhrase(ctx context.Context, a authz.Actor, title, text string, share bool) (Phrase, error) {
	me, err := owner(a)
	if err != nil {
		return Phrase{}, err
	}
	p := Phrase{ID: ident.New(), Shared: share, Own: true, At: s.now(), staff: me}
	if p.Title, err = words("title", "desk.phrase_title", title, 40); err != nil {
		return p, err
	}
	if p.Text, err = words("text", "desk.phrase_text", text, 1000); err != nil {
		return p, err
	}
	if share && !s.MayShare(ctx, a) {
		return p, errs.New(errs.Forbidden, "desk.share_heads")
	}
	if share {
		p.agency = a.AgencyID
	}
	have, err := s.phrases(ctx, me, "")
	if err != nil {
		return p, err
	}
	if len(have) >= MostPhrases {
		return p, errs.New(errs.Conflict, "desk.phrases_full", errs.P{"n": MostPhrases})
	}
	return p, s.d.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := s.putPhraseTx(ctx, tx, p); err != nil || !share {
			return err
		}
		return audit.Tx(ctx, tx, p.At, s.entry(a, "desk.phrase_share", "phrase:"+p.ID))
	})
}

// DropPhrase removes an own phrase, or as a head one shared with the agency.
func (s *Service) DropPhrase(ctx context.Context, a authz.Actor, id string) error {
	me, err := owner(a)
	if err != nil {
		return err
	}
	agency := ""
	if s.MayShare(ctx, a) {
		agency = a.AgencyID
	}
	return s.d.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := dropPhraseTx(ctx, tx, me, agency, id); err != nil {
			return err
		}
		return audit.Tx(ctx, tx, s.now(), s.entry(a, "desk.phrase_drop", "phrase:"+id))
	})
}

var place = regexp.MustCompile(`\{([^{}\s]{1,20})\}`)

// Fill puts facts into the places of a phrase, {申请人} for one. A place nobody knows a fact for stays as it is: it is seen and filled by hand.
func Fill(text string, facts map[string]string) string {
	return place.ReplaceAllStringFunc(text, func(m string) string {
		if v := facts[m[1:len(m)-1]]; v != "" {
			return v
		}
		return m
	})
}
