package lex

import "testing"

func lexicon(tb testing.TB) *Lexicon {
	tb.Helper()
	l, err := New(nil)
	if err != nil {
		tb.Fatal(err)
	}
	return l
}
