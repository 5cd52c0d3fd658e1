package search

import "context"

// Explained shows the item office how a question was understood.
type Explained struct {
	Result  Result
	Must    []ExplainedTerm
	Should  []ExplainedTerm
	Chatter []string // what was left out
	Intent  string   // of lex
}

// ExplainedTerm is one term: the heads that meet it, and the other words that stand for it.
type ExplainedTerm struct {
	Text    string // of a guessed one the intent, see package lex
	Guessed bool   // the question does not say it
	Weight  float64
	Heads   int
	Ways    []ExplainedWay
}

// ExplainedWay is one way in which a term can be met.
type ExplainedWay struct {
	Word, Via string
	Tokens    []string
	Weight    float64
	Heads     int
}

// Explain answers a question and tells how it was understood.
func (s *Service) Explain(ctx context.Context, q Query) (Explained, error) {
	r, err := s.Find(ctx, q)
	if err != nil {
		return Explained{}, err
	}
	text := q.Text
	if r.Corrected != "" {
		text = r.Corrected
	}
	text = string(firstRunes(text, maxText))
	m := s.mem()
	asked, err := s.ask(ctx, m, text, q.Region)
	if err != nil {
		return Explained{}, err
	}
	e := Explained{Result: r, Intent: asked.intent, Chatter: s.asking.Load().Query(text).Chatter}
	m.mu.RLock()
	defer m.mu.RUnlock()
	for _, w := range asked.must {
		e.Must = append(e.Must, m.explain(w))
	}
	for _, w := range asked.should {
		e.Should = append(e.Should, m.explain(w))
	}
	return e, nil
}

func (m *memory) explain(w wanted) ExplainedTerm {
	seen := map[int32]bool{}
	for _, slot := range w.heads {
		seen[slot] = true
	}
	t := ExplainedTerm{Text: w.text, Guessed: w.guessed(), Weight: w.weight}
	for _, way := range w.ways {
		list := m.all(way.tokens)
		for _, p := range list {
			seen[p.slot()] = true
		}
		t.Ways = append(t.Ways, ExplainedWay{Word: way.word, Via: way.via, Tokens: way.tokens, Weight: way.weight, Heads: len(list)})
	}
	t.Heads = len(seen)
	return t
}
