package catalog

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/domain/catalog/item"
	"tongban/internal/domain/catalog/rule"
)

// judgeBatch is how many items are judged and written in one transaction: short, so that nobody waits for it.
const judgeBatch = 500

// verdict is what the rules find in an item, as it is stored.
type verdict struct {
	key, agency         string
	score               int
	block, warn, advice int
	rules               string
}

func verdictOf(f rule.Facts, it *item.Item) verdict {
	fs := rule.Check(f, it)
	v := verdict{key: it.Key, agency: it.Agency, score: rule.Score(fs, it)}
	var rules []string
	for _, x := range fs {
		switch x.Level {
		case rule.Block:
			v.block++
		case rule.Warn:
			v.warn++
		case rule.Advice:
			v.advice++
		}
		if !slices.Contains(rules, x.Rule) {
			rules = append(rules, x.Rule)
		}
	}
	v.rules = lifeText(rules)
	return v
}

// sums are the changes of catalog_quality_sum: by agency and what is counted.
type sums map[[2]string]int

// allAgencies stands for all agencies together.
const allAgencies = "*"

func (s sums) add(v verdict, by int) {
	for _, agency := range []string{v.agency, allAgencies} {
		put := func(what string, n int) { s[[2]string{agency, what}] += n * by }
		put("items", 1)
		put("points", v.score)
		if v.block == 0 {
			put("clean", 1)
		}
		put("level:"+string(rule.Block), v.block)
		put("level:"+string(rule.Warn), v.warn)
		put("level:"+string(rule.Advice), v.advice)
		for _, r := range lifeCodes(v.rules) {
			put("rule:"+r, 1)
		}
	}
}

// judging is how far judging has come.
type judging struct {
	seq          int64
	after        string
	swept, facts string
}

var errJudgedMeanwhile = errs.New(errs.Conflict, "catalog.moved")

// JudgeOn judges items that changed since they were judged, at most about most of them (0 for all), then those whose facts from outside may have changed:
// agencies, dictionaries, the directory, the date. It goes on where it broke off; of several at once one works and the others leave it alone. left says
// that there is more to do.
func (s *Service) JudgeOn(ctx context.Context, most int) (left bool, err error) {
	v, err := s.look(ctx)
	if err != nil {
		return false, err
	}
	facts := s.RuleFacts(ctx)
	stamp := factsStamp(facts.Today, v)
	for done := 0; most == 0 || done < most; {
		n, err := s.judgeSome(ctx, v, facts, stamp)
		if errs.KindOf(err) == errs.Conflict {
			return true, nil
		}
		if err != nil || n == 0 {
			return false, err
		}
		done += n
	}
	return true, nil
}

// factsStamp names what items are judged by: the rules, the agencies and the day.
func factsStamp(today string, v *view) string {
	var b strings.Builder
	b.WriteString(today)
	for _, r := range rule.All {
		b.WriteString(" " + r.Key + string(r.Level))
	}
	for _, a := range v.agencies {
		doc, _ := json.Marshal(AgencyFacts(a, today)) // texts and yes or no: it never fails
		b.WriteString(a.Key)
		b.Write(doc)
	}
	return digest([]byte(b.String()))
}

func (s *Service) judgeSome(ctx context.Context, v *view, facts rule.Facts, stamp string) (int, error) {
	was, err := judgingNow(ctx, s.db.R())
	if err != nil {
		return 0, err
	}
	next := was
	if was.seq < 0 {
		next.facts = stamp
	}
	keys, err := keysChanged(ctx, s.db.R(), &next, judgeBatch)
	if err != nil {
		return 0, err
	}
	if len(keys) == 0 {
		if was.facts == stamp {
			return 0, nil
		}
		if keys, err = keysJudged(ctx, s.db.R(), was.swept, judgeBatch); err != nil {
			return 0, err
		}
		if next.swept = ""; len(keys) > 0 {
			next.swept = keys[len(keys)-1]
		} else {
			next.facts = stamp
		}
	}
	now, err := s.verdicts(ctx, v, facts, keys)
	if err != nil {
		return 0, err
	}
	return len(keys), s.db.TxQueue(ctx, func(ctx context.Context, tx *db.Tx) error { return putVerdicts(ctx, tx, was, next, keys, now) })
}

// verdicts judges items on all processors; those that are not in use are left out.
func (s *Service) verdicts(ctx context.Context, v *view, facts rule.Facts, keys []string) ([]verdict, error) {
	all, err := itemsOf(ctx, s.db.R(), keys)
	if err != nil {
		return nil, err
	}
	all = slices.DeleteFunc(all, func(h *held) bool { return !h.state.InUse() })
	out := make([]verdict, len(all))
	each(len(all), func(i int) {
		v.find.complete(&all[i].Item)
		out[i] = verdictOf(facts, &all[i].Item)
	})
	return out, nil
}

const verdictNames = `key, agency, score, block, warn, advice, rules`
