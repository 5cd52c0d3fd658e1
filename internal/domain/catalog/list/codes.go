package list

import "strings"

// Pair says that a code of another system stands for one of ours: so it is read (Takes), so it is written (Gives).
type Pair struct {
	List, There, Here string
	Takes, Gives      bool
}

// Codes translate between our codes and those of the system a list is from or for. They are made once for a list; each code is then two look-ups in a map.
// Nil is our own codes. They may be used by several goroutines.
type Codes struct {
	System     string
	Swaps      bool // writes 材料类型 into the column of 材料形式 and the other way round
	take, give map[string]map[string]string
	local      map[string]map[string]string // codes by themselves and by their names
}

// NewCodes makes the codes of a system of its own rows and, for what they leave open, those of the national tables, from which other systems differ in
// some codes only. A national code that the system uses for something else is not given to it.
func NewCodes(system string, own, national []Pair) *Codes {
	c := &Codes{System: system, take: map[string]map[string]string{}, give: map[string]map[string]string{}}
	for _, p := range own {
		c.add(p)
	}
	for _, p := range national {
		if taken, ok := c.take[p.List][p.There]; ok && taken != p.Here {
			p.Gives = false
		}
		if _, ok := c.take[p.List][p.There]; ok {
			p.Takes = false
		}
		if _, ok := c.give[p.List][p.Here]; ok {
			p.Gives = false
		}
		c.add(p)
	}
	return c
}

func (c *Codes) add(p Pair) {
	put := func(m map[string]map[string]string, from, to string) {
		if m[p.List] == nil {
			m[p.List] = map[string]string{}
		}
		m[p.List][from] = to
	}
	if p.Takes {
		put(c.take, p.There, p.Here)
	}
	if p.Gives {
		put(c.give, p.Here, p.There)
	}
}

// Take reads a code of the system: ours, or false where it has no other meaning than here.
func (c *Codes) Take(list, there string) (string, bool) {
	if c == nil {
		return there, false
	}
	m := c.take[list]
	if m == nil {
		return there, false
	}
	if here, ok := m[there]; ok {
		return here, true
	}
	if here, ok := m[strings.TrimSpace(there)]; ok {
		return here, true
	}
	return there, false
}

// Give writes one of our codes for the system; one it has no other for is its own.
func (c *Codes) Give(list, here string) string {
	if c == nil {
		return here
	}
	if there, ok := c.give[list][here]; ok {
		return there
	}
	return here
}

// Local makes known a code of this installation that is in no list of the program, by itself and by its names.
func (c *Codes) Local(list, code string, names ...string) {
	if c.local == nil {
		c.local = map[string]map[string]string{}
	}
	if c.local[list] == nil {
		c.local[list] = map[string]string{}
	}
	for _, n := range append(names, code) {
		if n != "" {
			c.local[list][n] = code
		}
	}
}

// also finds a local code by what a list writes: the code, its name, or both.
func (c *Codes) also(list, written string) (string, bool) {
	if c == nil || c.local[list] == nil {
		return "", false
	}
	if code, ok := c.local[list][written]; ok {
		return code, true
	}
	short, _, _ := strings.Cut(written, " ")
	code, ok := c.local[list][short]
	return code, ok
}

// lacks reports whether the system has a table for a list and no code of its own for one of ours that nobody there would understand.
func (c *Codes) lacks(list, here string) bool {
	if c == nil || len(c.give[list]) == 0 {
		return false
	}
	_, gives := c.give[list][here]
	means, takes := c.take[list][here]
	return !gives && (strings.Trim(here, "0123456789") != "" || takes && means != here)
}

// swapped is the column of a child that a heading of the system means.
func (c *Codes) swapped(child string, column string) string {
	if c == nil || !c.Swaps || child != "materials" {
		return column
	}
	switch column {
	case "medium":
		return "paper"
	case "paper":
		return "medium"
	}
	return column
}
