package catalog

import (
	"cmp"
	"hash/maphash"
	"strings"
	"unicode/utf8"

	"tongban/internal/base/errs"
	"tongban/internal/engine/cnid"
)

// memoryOf is what an import remembers of the rows before: some bytes of each.
type memoryOf struct {
	seed   maphash.Seed
	first  map[uint64]seenRow // by key
	called map[uint64]string  // names, of the first rows
	names  int
	said   []string         // the names that are compared, by number
	whole  map[uint64]int32 // hash of department and name → number
	less   map[uint64]int32 // hash of a name with one character left out, and of the place where it was → number
}

type seenRow struct {
	row     int32
	content uint64
}

func newMemoryOf() *memoryOf {
	return &memoryOf{seed: maphash.MakeSeed(), first: map[uint64]seenRow{}, called: map[uint64]string{}, whole: map[uint64]int32{}, less: map[uint64]int32{}}
}

func (m *memoryOf) hash(s string) uint64 { return maphash.String(m.seed, s) }

// repeats rejects rows that say word for word what an earlier one says, and rows that give the same national code another content. Local codes are no
// proof that two rows mean one item: such rows get keys of their own and stay.
func (m *memoryOf) repeats(j *judged) {
	if j.rejected {
		return
	}
	id := m.hash(j.item.Key)
	same, taken := m.first[id]
	if !taken {
		m.first[id] = seenRow{int32(j.row), j.content} //nolint:gosec // rows of a list
		if len(m.called) < maxSimilar {
			m.called[id] = j.item.Name
		}
		return
	}
	code := j.code
	switch {
	case same.content == j.content:
		j.reject("", j.item.Name, "catalog.import_repeat", errs.P{"row": same.row})
		j.status = Repeated
	case j.own || cnid.CheckItemCode(strings.ToUpper(code)) == nil:
		j.reject(j.codeColumn, code, "list.code_twice", errs.P{"row": same.row, "code": code})
	default:
		im := j.item.Imported
		j.find("local_item_code", code, "catalog.import_code_twice", errs.P{"name": cmp.Or(m.called[id], "#"+text(same.row))})
		j.item.Key += "-" + shortHash(im.Department, j.item.Name, j.item.MainItem, im.ItemType, im.AgencyCode, im.RegionCode)
		id = m.hash(j.item.Key)
		if again, ok := m.first[id]; ok {
			j.reject("", j.item.Name, "catalog.import_repeat", errs.P{"row": again.row})
			j.status = Repeated
			return
		}
		m.first[id] = seenRow{int32(j.row), j.content} //nolint:gosec // rows of a list
	}
}

// maxSimilar is how many names are compared: in longer lists no person looks at them one by one.
const maxSimilar = 20_000

// minSimilar is how long names must be to be compared with one character less: in short ones a single character is the whole difference.
const minSimilar = 10

// similar points out names that are the same, or differ only in signs, brackets or one character, within one department: the list may hold one matter
// twice. Both stay.
func (m *memoryOf) similar(j *judged) {
	if j.rejected || j.own || m.names >= maxSimilar {
		return
	}
	m.names++
	department := m.hash(j.item.Imported.Department)
	name := strings.ReplaceAll(queryText(j.item.Name), " ", "")
	whole := department ^ m.hash(name)
	shorter := m.shorter(department, name)
	found, ok := m.whole[whole]
	for i := 0; i < len(shorter) && !ok; i++ {
		if found, ok = m.whole[shorter[i]]; !ok {
			found, ok = m.less[leftOut(shorter[i], i)]
		}
	}
	if !ok {
		found, ok = m.less[whole]
	}
	if ok {
		key, other := "catalog.import_similar", m.said[found]
		if other == j.item.Name {
			key = "catalog.import_same_name"
		}
		j.find("item_name", j.item.Name, key, errs.P{"name": other})
	}
	own := int32(len(m.said)) //nolint:gosec // maxSimilar at most
	m.said = append(m.said, j.item.Name)
	if _, have := m.whole[whole]; !have {
		m.whole[whole] = own
	}
	for i, h := range shorter {
		m.less[h], m.less[leftOut(h, i)] = own, own
	}
}

// shorter are the hashes of a name without its first, second, … character; none for a short name.
func (m *memoryOf) shorter(department uint64, name string) []uint64 {
	rs := []rune(name)
	if len(rs) < minSimilar {
		return nil
	}
	out := make([]uint64, 0, len(rs))
	b := make([]byte, 0, len(name))
	at := 0
	for _, r := range rs {
		n := utf8.RuneLen(r)
		b = append(append(b[:0], name[:at]...), name[at+n:]...)
		out = append(out, department^maphash.Bytes(m.seed, b))
		at += n
	}
	return out
}

// leftOut is the hash of a shorter name with the place where the character was.
func leftOut(h uint64, place int) uint64 { return h ^ uint64(place+1)*0x9e3779b97f4a7c15 } //nolint:gosec // small
