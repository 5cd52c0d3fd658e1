package directory

import (
	"context"
	"strings"

	"tongban/internal/base/db"
)

// words are what a base item is looked for by, besides its code.
func (b Base) words() string {
	return strings.Join([]string{b.Name, b.MainItem, b.SubItem, b.Department, b.LocalCode}, " ")
}

func (b Base) levels() string { return "|" + strings.Join(b.UseLevels, "|") + "|" }

// where narrows to what a query asks for.
func (q Query) where() (string, []any) {
	var conds []string
	var args []any
	add := func(cond string, v any) {
		args = append(args, v)
		conds = append(conds, strings.ReplaceAll(cond, "?", "$"+itoa(len(args))))
	}
	for _, w := range strings.Fields(q.Text) {
		w = strings.NewReplacer(`\`, `\\`, "%", `\%`, "_", `\_`).Replace(w)
		add(`(b.code LIKE ? || '%' ESCAPE '\' OR b.words LIKE '%' || ? || '%' ESCAPE '\')`, w)
	}
	if q.Type != "" {
		add("b.item_type = ?", q.Type)
	}
	if q.State != "" {
		add("b.state = ?", q.State)
	}
	if q.Level != "" {
		add("b.levels LIKE '%|' || ? || '|%'", q.Level)
	}
	if len(conds) == 0 {
		return "TRUE", nil
	}
	return strings.Join(conds, " AND "), args
}

func countBases(ctx context.Context, r db.Q, q Query) (int, error) {
	where, args := q.where()
	var n int
	err := r.QueryRowContext(ctx, `SELECT COUNT(*) FROM directory_base b WHERE `+where, args...).Scan(&n)
	return n, db.Classify(err)
}

// basesIn reads one page by code, and one more if there is any.
func basesIn(ctx context.Context, r db.Q, q Query) ([]Base, error) {
	where, args := q.where()
	args = append(args, q.After)
	limit := ""
	if q.Limit > 0 {
		limit = ` LIMIT ` + itoa(q.Limit+1)
	}
	return db.All(ctx, r, scanBase, baseColumns+`JOIN directory_base b ON b.code = v.code AND b.version = v.version
		WHERE `+where+` AND b.code > $`+itoa(len(args))+` ORDER BY b.code`+limit, args...)
}
