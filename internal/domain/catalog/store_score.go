package catalog

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"tongban/internal/base/db"
)

// putVerdicts writes what differs from before, with the sums, and moves on; errs.Conflict when somebody else did meanwhile.
func putVerdicts(ctx context.Context, tx *db.Tx, was, next judging, keys []string, now []verdict) error {
	if err := tx.Exec1(ctx, errJudgedMeanwhile, `UPDATE catalog_quality_state SET seq = $1, after = $2, swept = $3, facts = $4
		WHERE id = 1 AND seq = $5 AND after = $6 AND swept = $7 AND facts = $8`, next.seq, next.after, next.swept, next.facts, was.seq, was.after, was.swept, was.facts); err != nil {
		return err
	}
	if len(keys) == 0 {
		return nil
	}
	old, err := db.All(ctx, tx, scanVerdict, `SELECT `+verdictNames+` FROM catalog_quality WHERE key IN (`+db.In(1, len(keys))+`)`, db.Args(keys)...)
	if err != nil {
		return err
	}
	gone := make(map[string]verdict, len(old))
	for _, v := range old {
		gone[v.key] = v
	}
	d := sums{}
	var write []verdict
	for _, v := range now {
		if is, ok := gone[v.key]; !ok || is != v {
			d.add(v, 1)
			write = append(write, v)
			continue
		}
		delete(gone, v.key)
	}
	for _, v := range now {
		if is, ok := gone[v.key]; ok {
			d.add(is, -1)
			delete(gone, v.key)
		}
	}
	for _, v := range gone { // no longer in use
		d.add(v, -1)
	}
	if err := dropVerdicts(ctx, tx, slices.Sorted(maps.Keys(gone))); err != nil {
		return err
	}
	if err := writeVerdicts(ctx, tx, write); err != nil {
		return err
	}
	return writeSums(ctx, tx, d)
}

func scanVerdict(r *db.Rows) (verdict, error) {
	var v verdict
	err := r.Scan(&v.key, &v.agency, &v.score, &v.block, &v.warn, &v.advice, &v.rules)
	return v, err
}

func judgingNow(ctx context.Context, q db.Q) (judging, error) {
	var j judging
	err := q.QueryRowContext(ctx, `SELECT seq, after, swept, facts FROM catalog_quality_state WHERE id = 1`).Scan(&j.seq, &j.after, &j.swept, &j.facts)
	return j, db.Classify(err)
}

// keysChanged gives the next items in the order of their changes and moves the place behind them.
func keysChanged(ctx context.Context, q db.Q, j *judging, most int) ([]string, error) {
	return db.All(ctx, q, func(r *db.Rows) (string, error) {
		err := r.Scan(&j.after, &j.seq)
		return j.after, err
	}, `SELECT key, seq FROM catalog_item WHERE (seq, key) > ($1, $2) ORDER BY seq, key LIMIT $3`, j.seq, j.after, most)
}

func keysJudged(ctx context.Context, q db.Q, after string, most int) ([]string, error) {
	return db.All(ctx, q, scanString, `SELECT key FROM catalog_quality WHERE key > $1 ORDER BY key LIMIT $2`, after, most)
}

func dropVerdicts(ctx context.Context, tx *db.Tx, keys []string) error {
	if len(keys) == 0 {
		return nil
	}
	_, err := tx.ExecContext(ctx, `DELETE FROM catalog_quality WHERE key IN (`+db.In(1, len(keys))+`)`, db.Args(keys)...)
	return err
}

func writeVerdicts(ctx context.Context, tx *db.Tx, all []verdict) error {
	for part := range slices.Chunk(all, 100) {
		values := make([]string, len(part))
		args := make([]any, 0, 7*len(part))
		for i, v := range part {
			values[i] = "(" + db.In(7*i+1, 7) + ")"
			args = append(args, v.key, v.agency, v.score, v.block, v.warn, v.advice, v.rules)
		}
		if _, err := tx.ExecContext(ctx, `INSERT INTO catalog_quality (`+verdictNames+`) VALUES `+strings.Join(values, ",")+` ON CONFLICT (key) DO UPDATE SET
			agency = excluded.agency, score = excluded.score, block = excluded.block, warn = excluded.warn, advice = excluded.advice, rules = excluded.rules`, args...); err != nil {
			return fmt.Errorf("write %d verdicts: %w", len(part), err)
		}
	}
	return nil
}

func writeSums(ctx context.Context, tx *db.Tx, d sums) error {
	keys := slices.SortedFunc(maps.Keys(d), func(a, b [2]string) int { return strings.Compare(a[0]+"\n"+a[1], b[0]+"\n"+b[1]) })
	keys = slices.DeleteFunc(keys, func(k [2]string) bool { return d[k] == 0 })
	for part := range slices.Chunk(keys, 200) {
		values := make([]string, len(part))
		args := make([]any, 0, 3*len(part))
		for i, k := range part {
			values[i] = "(" + db.In(3*i+1, 3) + ")"
			args = append(args, k[0], k[1], d[k])
		}
		if _, err := tx.ExecContext(ctx, `INSERT INTO catalog_quality_sum (agency, what, n) VALUES `+strings.Join(values, ",")+`
			ON CONFLICT (agency, what) DO UPDATE SET n = catalog_quality_sum.n + excluded.n`, args...); err != nil {
			return err
		}
	}
	return nil
}
