package lex

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// pattern is a turn of speech that tells what is wanted, whatever the matter: 不想再卖烟了, 还想接着跑.
type pattern struct {
	intent string
	key    string // characters of which a question must have one, so that most questions need no matching
	said   *regexp.Regexp
}

// readPattern: the intent, key characters, a regular expression over the folded question.
func (p *phrases) readPattern(_ *dictionary, cols []string) error {
	if len(cols) != 3 {
		return errColumns
	}
	said, err := regexp.Compile(cols[2])
	if err != nil {
		return err
	}
	if p.implied[cols[0]] == nil {
		return fmt.Errorf("no words are known for the intent %s", cols[0])
	}
	p.patterns = append(p.patterns, pattern{cols[0], cols[1], said})
	return nil
}

// turns adds the intents that are told by a turn of speech, where no word told one.
func (b *builder) turns() {
	if b.q.Intent != "" && !slices.Contains(asks, b.q.Intent) {
		return
	}
	p := b.l.phrases[len(b.l.phrases)-1] // the embedded ones
	for _, t := range p.patterns {
		if !strings.ContainsAny(b.q.Text, t.key) {
			continue
		}
		if said := t.said.FindString(b.q.Text); said != "" {
			b.intent(&phrase{said: said, intent: t.intent, implied: p.implied[t.intent]})
			return
		}
	}
}
