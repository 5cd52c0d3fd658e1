package search

import "tongban/internal/engine/lex"

// corrector puts typing errors right with the names there were when it was made.
type corrector struct {
	*lex.Corrector
	lexicon *lex.Lexicon
	heads   int
}

// soon is how many heads a corrector is made of while a question waits; for more, questions go on without until it is ready.
const soon = 5000

// correct gives a question with its typing errors put right. The corrector is made when it is first needed, and again when a tenth of the heads is new.
func (s *Service) correct(text string) (string, bool) {
	c, l, n := s.right.Load(), s.asking.Load(), s.mem().count()
	if c == nil || c.lexicon != l || n > c.heads+c.heads/10 {
		switch {
		case n <= soon:
			c = s.newCorrector(l)
			s.right.Store(c)
		case s.making.CompareAndSwap(false, true):
			go func() {
				defer s.making.Store(false)
				s.right.Store(s.newCorrector(l))
			}()
		}
	}
	if c == nil {
		return "", false
	}
	return c.Correct(text)
}

func (m *memory) count() int {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return len(m.heads)
}

func (s *Service) newCorrector(l *lex.Lexicon) *corrector {
	m := s.mem()
	m.mu.RLock()
	var words []string
	var weights []int
	for i := range m.heads {
		h := &m.heads[i]
		if h.n <= 0 {
			continue
		}
		for _, w := range append([]string{h.name}, h.aliases...) {
			words, weights = append(words, w), append(weights, int(h.n))
		}
	}
	heads := len(m.heads)
	m.mu.RUnlock()
	return &corrector{l.Corrector(words, func(i int) int { return weights[i] }), l, heads}
}
