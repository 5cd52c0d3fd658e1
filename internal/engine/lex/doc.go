// Package lex knows the words by which people look for services: it cuts Chinese text into tokens for an index, understands questions in everyday
// language, turns text into pinyin, and finds what a mistyped word was meant to be.
//
// It is pure: no tables, no events, no files but its embedded data (data/, described in data/README.md). Every room and engine may use it; the
// catalogue's search is built on it. The dictionary is looked up in a double-array trie of go-ego/gse that is filled with our own words only.
package lex
