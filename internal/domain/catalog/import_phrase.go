package catalog

import (
	"encoding/json"
	"fmt"
	"hash/maphash"
	"strconv"
	"sync"

	"tongban/internal/base/i18n"
)

// phrase is what is worked out of a finding once: millions of rows say the same few things.
type phrase struct {
	id      string
	serious string      // id of the same where the row is not imported
	text    string      // as a cell, in Chinese
	doc     []byte      // as it stands in the item's document
	any     *RowFinding // the same whatever the value; of whoever writes the report
}

func newPhrase(f *RowFinding) *phrase {
	id := f.id()
	return &phrase{id: id, serious: id + "!", text: safeCell(f.in(i18n.Chinese, "")), doc: f.document()}
}

// document is the finding as the item keeps it.
func (f *RowFinding) document() []byte {
	kept := Finding{Column: f.Column, Key: f.Key}
	if f.Value != "" || len(f.params) > 0 {
		kept.Params = make(map[string]string, len(f.params)+1)
		kept.Params["value"] = f.Value
		for k, v := range f.params {
			kept.Params[k] = text(v)
		}
	}
	b, _ := json.Marshal(kept) // texts only
	return b
}

// phrases remembers them by the hash of what they say. It is asked by several goroutines.
type phrases struct {
	mu  sync.RWMutex
	all map[uint64]*phrase
}

// mostPhrases is how many are remembered before all are forgotten.
const mostPhrases = 50_000

func (ps *phrases) of(seed maphash.Seed, f *RowFinding) *phrase {
	h := f.sum(seed)
	ps.mu.RLock()
	p := ps.all[h]
	ps.mu.RUnlock()
	if p != nil {
		return p
	}
	p = newPhrase(f)
	ps.mu.Lock()
	defer ps.mu.Unlock()
	if ps.all == nil || len(ps.all) >= mostPhrases {
		ps.all = map[uint64]*phrase{}
	}
	ps.all[h] = p
	return p
}

// sum is the same for findings that say the same.
func (f *RowFinding) sum(seed maphash.Seed) uint64 {
	n := sumOf(seed, f.Key, f.Column, f.Value)
	for k, v := range f.params { // in any order
		n += sumOf(seed, k, plainText(v))
	}
	return n
}

func sumOf(seed maphash.Seed, parts ...string) uint64 {
	var n uint64
	for _, s := range parts {
		n = n*0x9e3779b97f4a7c15 + maphash.String(seed, s)
	}
	return n
}

func plainText(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case i18n.Key:
		return "\x00" + string(v)
	case int:
		return strconv.Itoa(v)
	}
	return fmt.Sprint(v)
}
