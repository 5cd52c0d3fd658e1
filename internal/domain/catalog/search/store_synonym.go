package search

import (
	"context"
	"strings"
	"time"

	"tongban/internal/base/audit"
	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/base/ident"
)

// Synonym is an everyday word that an office added: who says Said means one of Terms.
type Synonym struct {
	ID     string
	Said   string
	Terms  []string
	Weight int // percent that a term counts for, against the word itself; 0 means 90
	Author string
	At     time.Time
}

const maxSynonym = 40 // runes of a word

// Synonyms lists the everyday words an office added, newest first.
func (s *Service) Synonyms(ctx context.Context) ([]Synonym, error) {
	return synonyms(ctx, s.db.R(), false)
}

func synonyms(ctx context.Context, q db.Q, oldest bool) ([]Synonym, error) {
	order := "DESC"
	if oldest {
		order = "ASC"
	}
	return db.All(ctx, q, func(r *db.Rows) (Synonym, error) {
		var y Synonym
		var terms string
		var ms int64
		err := r.Scan(&y.ID, &y.Said, &terms, &y.Weight, &y.Author, &ms)
		y.Terms, y.At = strings.Split(terms, "\n"), time.UnixMilli(ms)
		return y, err
	}, `SELECT id, said, terms, weight, author, at_ms FROM catalog_synonym WHERE live ORDER BY at_ms `+order+`, id LIMIT 5000`)
}

// AddSynonym adds an everyday word or changes what it stands for. All nodes use it within a second. errs.Forbidden without CatalogEdit, errs.Invalid when the word or its
// terms are empty, too long, or the same.
func (s *Service) AddSynonym(ctx context.Context, actor authz.Actor, y Synonym) error {
	if !actor.May(authz.CatalogEdit) {
		return errs.New(errs.Forbidden, "base.forbidden")
	}
	y, err := y.tidy()
	if err != nil {
		return err
	}
	return s.changeSynonyms(ctx, actor, "search.synonym_add", y.Said, func(ctx context.Context, tx *db.Tx, now time.Time, seq int64) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO catalog_synonym (id, said, terms, weight, live, author, at_ms, seq) VALUES ($1, $2, $3, $4, true, $5, $6, $7)
			ON CONFLICT (said) DO UPDATE SET terms = excluded.terms, weight = excluded.weight, live = true, author = excluded.author, at_ms = excluded.at_ms, seq = excluded.seq`,
			ident.New(), y.Said, strings.Join(y.Terms, "\n"), y.Weight, actor.Name(), now.UnixMilli(), seq)
		return err
	})
}

// RemoveSynonym takes an everyday word back. errs.Forbidden without CatalogEdit, errs.NotFound if it is gone.
func (s *Service) RemoveSynonym(ctx context.Context, actor authz.Actor, id string) error {
	if !actor.May(authz.CatalogEdit) {
		return errs.New(errs.Forbidden, "base.forbidden")
	}
	return s.changeSynonyms(ctx, actor, "search.synonym_remove", id, func(ctx context.Context, tx *db.Tx, now time.Time, seq int64) error {
		return tx.Exec1(ctx, errs.New(errs.NotFound, "search.no_synonym"), `UPDATE catalog_synonym SET live = false, author = $2, at_ms = $3, seq = $4 WHERE id = $1 AND live`,
			id, actor.Name(), now.UnixMilli(), seq)
	})
}

func (s *Service) changeSynonyms(ctx context.Context, actor authz.Actor, act, object string, change func(context.Context, *db.Tx, time.Time, int64) error) error {
	return s.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		now := s.now()
		var seq int64
		if err := tx.QueryRowContext(ctx, `UPDATE catalog_change SET seq = seq + 1 WHERE id = 1 RETURNING seq`).Scan(&seq); err != nil {
			return err
		}
		if err := change(ctx, tx, now, seq); err != nil {
			return err
		}
		return audit.Tx(ctx, tx, now, audit.Entry{Actor: actor.Name(), Act: act, Object: "synonym:" + object, Via: actor.Via, Agency: actor.AgencyID})
	})
}

// tidy cuts blanks and doubles and checks what is left.
func (y Synonym) tidy() (Synonym, error) {
	y.Said = fold(y.Said)
	var terms []string
	for _, t := range y.Terms {
		t = strings.Join(strings.Fields(t), " ")
		if t == "" || len(terms) >= 10 {
			continue
		}
		if len([]rune(t)) > maxText {
			return y, errs.New(errs.Invalid, "search.term_long", errs.P{"term": t})
		}
		if fold(t) == y.Said {
			return y, errs.New(errs.Invalid, "search.synonym_same", errs.P{"word": y.Said})
		}
		terms = append(terms, t)
	}
	y.Terms = terms
	if y.Weight <= 0 || y.Weight > 100 {
		y.Weight = 90
	}
	switch n := len([]rune(y.Said)); {
	case n == 0:
		return y, errs.New(errs.Invalid, "search.said_empty")
	case n == 1 || n > maxSynonym:
		return y, errs.New(errs.Invalid, "search.said_length", errs.P{"max": maxSynonym})
	case len(terms) == 0:
		return y, errs.New(errs.Invalid, "search.terms_empty")
	}
	return y, nil
}
