package catalog

import (
	"context"
	"strconv"
	"strings"

	"tongban/internal/base/errs"
	"tongban/internal/domain/catalog/search"
)

// Query asks for a page of the catalog. Empty fields ask for everything that is in use.
type Query struct {
	Text     string
	Home     string // code of the region the person is in: near agencies come first; it leaves nothing out
	Who      string // person or firm, who asks: what serves them comes first; it leaves nothing out
	Region   string // code; includes everything below it
	Near     string // code; Region with what serves it from above, such as the city's offices; only without a text
	Agency   string // key, or the code of an agency known only from a list
	Theme    string // person:040 or firm:010
	Life     string // a code of list life_event
	Audience string // person, firm, or a code of 服务对象
	Online   string // full, guide or external
	Type     string // 事项类型, such as 01
	Base     string // 基本编码: the items of all agencies that offer the same
	Same     string // key of an item: those of all agencies under the same name
	Review   string // for the item office: unreviewed, findings, or a status of legal bases (read, knowledge, fictional)
	State    string // for the item office: 2 or 3; empty is 1 在用
	Exact    bool   // the text as it was typed: nothing is put right
	Limit    int    // 20 when 0, at most 100
	After    string // Next of the page before
}

// Filtered reports whether anything but the text narrows the list.
func (q Query) Filtered() bool {
	return q.Region+q.Near+q.Agency+q.Theme+q.Life+q.Audience+q.Online+q.Type+q.Base+q.Same+q.Review+q.State != ""
}

// Page is a part of a list.
type Page struct {
	Items     []Item
	Found     []Found       // how each of Items was found; empty for a list without a question
	Next      string        // for the page after; empty at the end
	Count     string        // how many there are in all, "1,000+" beyond a thousand
	Loose     bool          // nothing matched all of the words: these match some of them
	Corrected string        // the question as it was understood when a word was mistyped
	Nearest   bool          // nothing matched at all: these have the nearest names
	Asked     search.Result // what search made of the question, without its hits, for its log
}

// Found says how an item was found, and at how many other agencies the same can be done.
type Found struct {
	Why    []search.Why
	Others int
}

const (
	defaultLimit, maxLimit = 20, 100
	countCap               = 1000
)

func (q Query) limit() int {
	if q.Limit <= 0 {
		return defaultLimit
	}
	return min(q.Limit, maxLimit)
}

// Search gives what matches, best first; without a text, what can be done on line first, then by pinyin. An After that is no cursor is
// errs.BadRequest.
func (s *Service) Search(ctx context.Context, q Query) (Page, error) {
	text := strings.TrimSpace(strings.ToValidUTF8(q.Text, " "))
	if text == "" {
		return s.browse(ctx, q)
	}
	if queryText(text) == "" {
		return Page{Count: "0"}, nil // only signs: nothing can match
	}
	if q.Exact || q.Review != "" && q.Review != "unreviewed" || q.Base+q.Same+q.Life+q.Near != "" {
		return s.grep(ctx, q, text)
	}
	return s.find(ctx, q, text)
}

// find asks the index of search.
func (s *Service) find(ctx context.Context, q Query, text string) (Page, error) {
	state := q.State
	if state == "" {
		state = InUse
	}
	r, err := s.search.Find(ctx, search.Query{
		Text: text, Region: q.Home, Audience: q.Who, Limit: q.limit(), After: q.After,
		Filter: search.Filter{
			Region: q.Region, Agency: q.Agency, Type: q.Type, Audience: q.Audience, Online: q.Online, Theme: q.Theme, State: state, Unreviewed: q.Review == "unreviewed",
		},
	})
	if err != nil {
		return Page{}, err
	}
	keys := make([]string, len(r.Hits))
	found := make(map[string]Found, len(r.Hits))
	for i, h := range r.Hits {
		keys[i] = h.Key
		found[h.Key] = Found{Why: h.Why, Others: h.Others}
	}
	all, err := s.heldAll(ctx, keys)
	if err != nil {
		return Page{}, err
	}
	asked := r
	asked.Hits = nil
	p := Page{Asked: asked, Next: r.Next, Count: r.Count, Loose: r.Loose, Corrected: r.Corrected, Nearest: r.Nearest}
	for _, h := range all {
		p.Items = append(p.Items, h.Item)
		p.Found = append(p.Found, found[h.Key])
	}
	return p, nil
}

// Suggest completes what a person types: characters, pinyin, initials. region is the person's, n how many at most.
func (s *Service) Suggest(ctx context.Context, text, region string, n int) ([]search.Suggestion, error) {
	if queryText(text) == "" {
		return nil, nil
	}
	return s.search.Suggest(ctx, text, region, n)
}

func capped(n int) string {
	if n >= countCap {
		return "1,000+"
	}
	return strconv.Itoa(n)
}

func badCursor(after string) error {
	return errs.New(errs.BadRequest, "base.cursor", errs.P{"value": after})
}
