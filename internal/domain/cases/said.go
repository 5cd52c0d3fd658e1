package cases

import (
	"context"
	"strings"
	"time"
)

// Saying is what officers wrote in a paper of the case. It may hold anything, also about people: who asks for it reads it for what it looks for and
// keeps no word.
type Saying struct {
	Where string // correction or decision
	Text  string
	At    time.Time
}

// Said gives the words of the correction notices and of the decision of a case, oldest first.
func (s *Service) Said(ctx context.Context, id string) ([]Saying, error) {
	notices, err := s.corrections(ctx, id)
	if err != nil {
		return nil, err
	}
	var out []Saying
	for _, n := range notices {
		for _, d := range n.Defects {
			out = append(out, Saying{"correction", d.Text, n.At})
		}
	}
	say, err := s.sayings(ctx, id)
	if err != nil || say.decision == nil {
		return out, err
	}
	d := say.decision
	return append(out, Saying{"decision", strings.Join([]string{d.Reason, d.Conditions}, "\n"), d.At}), nil
}
