package item

import (
	"strconv"
)

// access is how an element finds its values in the item. Without it the values stand in Item.Extra; without set the element is computed.
type access struct {
	get func(it *Item) []string
	set func(it *Item, values []string) error
}

// str is an element that is one text of the item.
func str(at func(it *Item) *string) access {
	return access{
		get: func(it *Item) []string { return one(*at(it)) },
		set: func(it *Item, vs []string) error { *at(it) = first(vs); return nil },
	}
}

// strs is an element that is a list of texts of the item.
func strs(at func(it *Item) *[]string) access {
	return access{
		get: func(it *Item) []string { return *at(it) },
		set: func(it *Item, vs []string) error { *at(it) = vs; return nil },
	}
}

// num is a number; zero is none.
func num(at func(it *Item) *int) access {
	return access{
		get: func(it *Item) []string {
			if n := *at(it); n != 0 {
				return []string{strconv.Itoa(n)}
			}
			return nil
		},
		set: func(it *Item, vs []string) error {
			*at(it), _ = strconv.Atoi(first(vs)) // read has seen that it is one
			return nil
		},
	}
}

// count is a number that may be unknown: nought is an answer, silence is none.
func count(at func(it *Item) **int) access {
	return access{
		get: func(it *Item) []string {
			if n := *at(it); n != nil {
				return []string{strconv.Itoa(*n)}
			}
			return nil
		},
		set: func(it *Item, vs []string) error {
			*at(it) = nil
			if n, err := strconv.Atoi(first(vs)); err == nil {
				*at(it) = &n
			}
			return nil
		},
	}
}

// flag is yes or no; no is a value too.
func flag(at func(it *Item) *bool) access {
	return access{
		get: func(it *Item) []string { return []string{yes(*at(it))} },
		set: func(it *Item, vs []string) error { *at(it) = first(vs) == "1"; return nil },
	}
}

// level is an identity level; 0 is none.
func level(at func(it *Item) *int) access { return num(at) }

// computed is an element that follows from the rest of the item.
func computed(get func(it *Item) string) access {
	return access{get: func(it *Item) []string { return one(get(it)) }}
}

func one(s string) []string {
	if s == "" {
		return nil
	}
	return []string{s}
}

func first(vs []string) string {
	if len(vs) == 0 {
		return ""
	}
	return vs[0]
}

func yes(b bool) string {
	if b {
		return "1"
	}
	return "0"
}
