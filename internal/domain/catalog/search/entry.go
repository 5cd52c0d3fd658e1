package search

import (
	"crypto/sha256"
	"encoding/binary"
	"strconv"
	"strings"
	"sync"

	"tongban/internal/domain/catalog/item"
)

// Entry is one item on its way into the index.
type Entry struct {
	Key                     string
	Item                    *item.Item
	Agency                  string // key, as catalog_item.agency
	AgencyName, AgencyShort string
	Region                  string // code of GB/T 2260, as catalog_item.region
	Was                     int64  // catalog_item.head before; 0 for an item that had none
	Head                    int64  // HeadID of the item, where the caller has it; 0 otherwise
}

// HeadID names the head of an item: 63 bits of the hash of the names it bears, never 0. Items of equal names share their head.
func HeadID(it *item.Item) int64 {
	h := sha256.New()
	for _, s := range append([]string{it.Name, it.MainItem, it.SearchTitle, it.Short}, it.Everyday...) {
		h.Write([]byte(strings.TrimSpace(s)))
		h.Write([]byte{0})
	}
	id := int64(binary.BigEndian.Uint64(h.Sum(nil)) >> 1) //nolint:gosec // the shift leaves 63 bits
	return max(id, 1)
}

// everybody is the mask of an item that does not say whom it serves.
const everybody = 1<<10 - 1

// AudienceMask packs codes of 服务对象 into bits: code 1 is bit 1. An item that says nothing serves everybody.
func AudienceMask(codes []string) int64 {
	if len(codes) == 0 {
		return everybody
	}
	var m int64
	for _, c := range codes {
		if n, err := strconv.Atoi(c); err == nil && n >= 0 && n < 10 {
			m |= 1 << n
		}
	}
	return m
}

// ThemeMask packs codes of a list of themes (person or firm) into bits. The codes of both lists go in steps of five (ZWFW C0109), 998 and 999 stand
// apart; the place of a code never changes, also when the lists grow.
func ThemeMask(list string, codes []string) int64 {
	var m int64
	for _, c := range codes {
		m |= themeBits()[list == "firm"][c]
	}
	return m
}

// ThemesIn gives the codes of a list whose bits a mask has.
func ThemesIn(list string, mask int64) []string {
	if mask == 0 {
		return nil
	}
	var out []string
	bits := themeBits()[list == "firm"]
	for _, c := range item.ThemeCodes(list) {
		if mask&bits[c] != 0 {
			out = append(out, c)
		}
	}
	return out
}

// themeBits are the bits of the themes, of firms and of persons.
var themeBits = sync.OnceValue(func() map[bool]map[string]int64 {
	out := map[bool]map[string]int64{true: {}, false: {}}
	for firm, bits := range out {
		list := "person"
		if firm {
			list = "firm"
		}
		for _, c := range item.ThemeCodes(list) {
			switch n, _ := strconv.Atoi(c); {
			case n == 998 || n == 999:
				bits[c] = 1 << (n - 998 + 61)
			case n > 0 && n < 5*60:
				bits[c] = 1 << (n / 5)
			}
		}
	}
	return out
})

// typeBit is the bit of a 事项类型, 0 for none of the list.
func typeBit(code string) int64 {
	if n, err := strconv.Atoi(code); err == nil && n >= 0 && n < 60 {
		return 1 << n
	}
	return 0
}

// onlineBit is the bit of a way of handling.
func onlineBit(online string) int64 {
	switch online {
	case item.OnlineFull:
		return 1
	case item.OnlineGuide:
		return 2
	case item.OnlineExternal:
		return 4
	}
	return 8
}

// Rank orders items without a question: what can be done here on line comes first (3), then other systems, then guides somebody has looked at.
func Rank(it *item.Item) int {
	switch {
	case it.Applicable():
		return 3
	case it.Online == item.OnlineExternal:
		return 2
	case !it.Unreviewed:
		return 1
	}
	return 0
}

// province is the bit of a region's province, from the first two digits of its code. Two provinces may share one: it only rules out.
func province(region string) int64 {
	if len(region) < 2 || region[0] < '1' || region[0] > '8' || region[1] < '0' || region[1] > '9' {
		return 0
	}
	return 1 << ((int(region[0]-'1')*8 + int(region[1]-'0')) % 63)
}
