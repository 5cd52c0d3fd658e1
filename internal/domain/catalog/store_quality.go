package catalog

import (
	"context"
	"strconv"
	"strings"

	"tongban/internal/base/db"
	"tongban/internal/domain/catalog/rule"
)

// waiting counts items that are not judged as they are now.
func waiting(ctx context.Context, q db.Q) (int, error) {
	j, err := judgingNow(ctx, q)
	if err != nil {
		return 0, err
	}
	var n int
	err = q.QueryRowContext(ctx, `SELECT COUNT(*) FROM (SELECT 1 FROM catalog_item WHERE (seq, key) > ($1, $2) LIMIT $3) AS part`, j.seq, j.after, mostWaiting).Scan(&n)
	return n, db.Classify(err)
}

func (s *Service) worst(ctx context.Context, q QualityQuery, p *QualityPage) error {
	score, key := -1, ""
	if at, rest, ok := strings.Cut(q.After, "."); ok {
		n, err := strconv.Atoi(at)
		if err != nil {
			return badCursor(q.After)
		}
		score, key = n, rest
	} else if q.After != "" {
		return badCursor(q.After)
	}
	limit := max(1, min(q.Limit, maxLimit))
	cond, args := "(score, key) > ($1, $2)", []any{score, key, limit + 1}
	if q.Agency != "" {
		args = append(args, q.Agency)
		cond += " AND agency = $" + strconv.Itoa(len(args))
	}
	if q.Rule != "" {
		args = append(args, "%|"+q.Rule+"|%")
		cond += " AND rules LIKE $" + strconv.Itoa(len(args))
	}
	rows, err := db.All(ctx, s.db.R(), scanVerdict, `SELECT `+verdictNames+` FROM catalog_quality WHERE `+cond+` ORDER BY score, key LIMIT $3`, args...)
	if err != nil {
		return err
	}
	if len(rows) > limit {
		rows = rows[:limit]
		last := rows[limit-1]
		p.Next = strconv.Itoa(last.score) + "." + last.key
	}
	keys, at := make([]string, len(rows)), make(map[string]verdict, len(rows))
	for i, v := range rows {
		keys[i], at[v.key] = v.key, v
	}
	all, err := s.heldAll(ctx, keys)
	for _, h := range all {
		v := at[h.Key]
		p.Items = append(p.Items, Judged{Item: h.Item, Score: v.score, Findings: v.block + v.warn + v.advice})
	}
	return err
}

func scanSummed(r *db.Rows) (summed, error) {
	var c summed
	err := r.Scan(&c.agency, &c.what, &c.n)
	return c, err
}

func tallyOf(ctx context.Context, q db.Q, agency string) (rule.Tally, error) {
	t := emptyTally()
	all, err := db.All(ctx, q, scanSummed, `SELECT agency, what, n FROM catalog_quality_sum WHERE agency = $1`, agency)
	for _, c := range all {
		c.into(&t)
	}
	return t, err
}

// QualityOfAgencies gives the sums of all agencies that have items, by key, without the counts of single rules.
func (s *Service) QualityOfAgencies(ctx context.Context) (map[string]rule.Tally, error) {
	all, err := db.All(ctx, s.db.R(), scanSummed, `SELECT agency, what, n FROM catalog_quality_sum WHERE what IN ('items', 'points', 'clean', 'level:block') AND agency <> '*'`)
	out := map[string]rule.Tally{}
	for _, c := range all {
		t, ok := out[c.agency]
		if !ok {
			t = emptyTally()
		}
		c.into(&t)
		out[c.agency] = t
	}
	return out, err
}
