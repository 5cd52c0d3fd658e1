package search

import (
	"context"
	"encoding/json"
	"strings"

	"tongban/internal/base/db"
	"tongban/internal/domain/catalog/item"
	"tongban/internal/engine/lex"
)

// reindexStep is how many heads are made again in one transaction.
const reindexStep = 500

// Reindex makes the words of heads again that were made with another version of the dictionary, and gives how many. Call it in the background when the
// program starts: until it is done, those heads are found by their old words. Two nodes may do it at once.
func (s *Service) Reindex(ctx context.Context) (int, error) {
	done := 0
	for {
		n, err := s.reindexSome(ctx)
		if err != nil || n == 0 {
			return done, err
		}
		done += n
	}
}

func (s *Service) reindexSome(ctx context.Context) (n int, err error) {
	err = s.db.TxQueue(ctx, func(ctx context.Context, tx *db.Tx) error {
		var seq int64
		if err := tx.QueryRowContext(ctx, `UPDATE catalog_change SET seq = seq + 1 WHERE id = 1 RETURNING seq`).Scan(&seq); err != nil {
			return err
		}
		heads, err := staleHeads(ctx, tx)
		if err != nil {
			return err
		}
		n = len(heads)
		var texts []headText
		for _, h := range heads {
			words := splitWords(h.words)
			if h.doc != "" {
				it := &item.Item{}
				if err := json.Unmarshal([]byte(h.doc), it); err != nil {
					return err
				}
				t := headText{head: h.id, words: wordsOf(s.words, it), body: s.bodies(&gathered{items: []*item.Item{it}}, nil)}
				words, texts = t.words, append(texts, t)
				if _, err := tx.ExecContext(ctx, `UPDATE catalog_head_body SET words = $2 WHERE head = $1`, h.id, strings.Join(t.body, " ")); err != nil {
					return err
				}
			}
			if _, err := tx.ExecContext(ctx, `UPDATE catalog_head SET words = $2, lex = $3, seq = $4 WHERE id = $1`, h.id, words.join(), lex.Version(), seq); err != nil {
				return err
			}
		}
		return putText(ctx, tx, texts)
	})
	return n, err
}

// staleHead is a head of another version of the dictionary with the document of an item that bears it, if there is one.
type staleHead struct {
	id         int64
	words, doc string
}

func staleHeads(ctx context.Context, q db.Q) ([]staleHead, error) {
	return db.All(ctx, q, func(r *db.Rows) (staleHead, error) {
		var h staleHead
		err := r.Scan(&h.id, &h.words, &h.doc)
		return h, err
	}, `SELECT h.id, h.words, COALESCE((SELECT CAST(v.doc AS TEXT) FROM catalog_item i JOIN catalog_version v ON v.key = i.key AND v.version = i.version
			WHERE i.head = h.id ORDER BY i.region, i.key LIMIT 1), '')
		FROM catalog_head h WHERE h.lex <> $1 LIMIT $2`, lex.Version(), reindexStep)
}
