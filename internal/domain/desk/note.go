package desk

import (
	"context"
	"time"

	"tongban/internal/base/audit"
	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/ident"
)

// Note is what an officer wrote about a case for nobody else.
type Note struct {
	ID   string    `json:"id"`
	Case string    `json:"case"`
	Text string    `json:"text"`
	At   time.Time `json:"at"`
}

// Notes gives an officer's own notes on a case, newest first. Whether the officer has to do with the case is for the caller to ask.
func (s *Service) Notes(ctx context.Context, a authz.Actor, caseID string) ([]Note, error) {
	me, err := owner(a)
	if err != nil {
		return nil, err
	}
	return s.notes(ctx, me, caseID)
}

// AddNote keeps a note of at most 2000 characters; the same key again adds nothing.
func (s *Service) AddNote(ctx context.Context, a authz.Actor, caseID, key, text string) error {
	me, err := owner(a)
	if err != nil {
		return err
	}
	if text, err = words("note", "desk.note_text", text, 2000); err != nil {
		return err
	}
	n := Note{ID: ident.New(), Case: caseID, Text: text, At: s.now()}
	return s.d.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		fresh, err := s.putNoteTx(ctx, tx, me, key, n)
		if err != nil || !fresh {
			return err
		}
		return audit.Tx(ctx, tx, n.At, s.entry(a, "desk.note_add", "case:"+caseID))
	})
}

// DropNote removes a note of the officer's own on a case. errs.NotFound desk.gone for any other.
func (s *Service) DropNote(ctx context.Context, a authz.Actor, caseID, id string) error {
	me, err := owner(a)
	if err != nil {
		return err
	}
	return s.d.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := dropNoteTx(ctx, tx, me, caseID, id); err != nil {
			return err
		}
		return audit.Tx(ctx, tx, s.now(), s.entry(a, "desk.note_drop", "case:"+caseID))
	})
}
