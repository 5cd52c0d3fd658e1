package catalog

import (
	"slices"
	"strings"

	"tongban/internal/domain/catalog/item"
	"tongban/internal/domain/catalog/search"
)

// line is what the row of an item says beside its document: enough for lists, filters, counts and search.
type line struct {
	key, pack, hash        string
	version                int
	unreviewed             bool
	publishedMS            int64
	name, sort             string
	head                   int64
	region, agency         string
	base, code             string
	itemType, online       string
	audience, person, firm int64
	life                   string
	flags, rank            int
	state, reason, instead string
	stateMS                int64
	agencyName             string // of an agency only a list names; not stored in the row
	completed              *Item  // with what follows from the agency; only while it is written
}

// The ranks of a list without a question (search.Rank) that change when somebody has looked at an item.
const (
	rankUnreviewed = 0
	rankGuide      = 1
)

// The bits of flags.
const flagFindings = 1

// basisFlag is the bit of a state of a legal basis; 0 for none of the list.
func basisFlag(status string) int {
	i := slices.Index(item.Codes("basis_status"), status)
	if i < 0 {
		return 0
	}
	return flagFindings << (1 + i)
}

// lineOf makes the row of an item on its way into the tables.
func lineOf(p publishing, version int, hash string, publishedMS int64, find agencyIndex) line {
	it := p.item
	it.Unreviewed = p.unreviewed
	find.complete(&it)
	l := lineIn(&it, find)
	l.pack, l.hash, l.version, l.publishedMS = p.pack, hash, version, publishedMS
	return l
}

// lineIn makes the row of an item that is complete.
func lineIn(it *Item, find agencyIndex) line {
	l := line{
		key: it.Key, unreviewed: it.Unreviewed,
		name: it.Name, sort: pinyinKey(it.Name), region: it.Region, agency: it.Agency, base: it.BaseCode, code: it.Code, itemType: it.ItemType, online: it.Online,
		audience: search.AudienceMask(it.Audience), person: search.ThemeMask("person", it.Themes.Person), firm: search.ThemeMask("firm", it.Themes.Firm), life: lifeText(it.LifeEvents),
		flags: flagsOf(it), rank: search.Rank(it), head: search.HeadID(it), state: InUse, completed: it,
	}
	if find.key[it.Agency] == nil {
		l.agencyName = it.AgencyText()
	}
	return l
}

func flagsOf(it *Item) int {
	n := 0
	if len(it.Findings) > 0 {
		n = flagFindings
	}
	for _, b := range it.Basis {
		n |= basisFlag(b.Status)
	}
	return n
}

func lifeText(codes []string) string {
	if len(codes) == 0 {
		return ""
	}
	return "|" + strings.Join(codes, "|") + "|"
}

func lifeCodes(text string) []string {
	if text == "" {
		return nil
	}
	return strings.Split(strings.Trim(text, "|"), "|")
}
