package catalog

import (
	"strings"

	"tongban/internal/base/errs"
)

// repeats rejects rows that say word for word what an earlier one says, and gives rows that share a code with another item keys of their own.
func repeats(rows []*judged) {
	first := map[string]*judged{}
	for _, j := range rows {
		if j.rejected {
			continue
		}
		im := j.item.Imported
		same, taken := first[j.item.Key], false
		if same != nil {
			taken = true
			if same.item.Name == j.item.Name && *sameFacts(same) == *sameFacts(j) {
				j.reject("", j.item.Name, "catalog.import_repeat", errs.P{"row": same.row})
				j.status = Repeated
				continue
			}
		}
		if taken {
			j.find("local_item_code", im.LocalCode, "catalog.import_code_twice", errs.P{"name": same.item.Name})
			j.item.Key += "-" + shortHash(im.Department, j.item.Name, j.item.MainItem, im.ItemType, im.AgencyCode, im.RegionCode)
			if again := first[j.item.Key]; again != nil {
				j.reject("", j.item.Name, "catalog.import_repeat", errs.P{"row": again.row})
				j.status = Repeated
				continue
			}
		}
		first[j.item.Key] = j
	}
}

type facts struct{ main, department, code, agency, region, kind string }

func sameFacts(j *judged) *facts {
	im := j.item.Imported
	return &facts{j.item.MainItem, im.Department, im.LocalCode, im.AgencyCode, im.RegionCode, im.ItemType}
}

// similar points out names that are the same, or differ only in signs, brackets or one character, within one department: the list may hold one matter
// twice. Both stay.
func similar(rows []*judged) {
	whole := map[string]*judged{}
	lacking := map[string]*judged{} // a name with one character left out → whose name
	for _, j := range rows {
		if j.rejected {
			continue
		}
		name := strings.ReplaceAll(queryText(j.item.Name), " ", "")
		place := j.item.Imported.Department + "\x00"
		rs := []rune(name)
		found := whole[place+name]
		for i := 0; i < len(rs) && found == nil && len(rs) >= minSimilar; i++ {
			less := place + string(rs[:i]) + string(rs[i+1:])
			if found = whole[less]; found == nil {
				found = lacking[less+"\x00"+string(rune(i))]
			}
		}
		if found == nil {
			found = lacking[place+name]
		}
		if found != nil {
			key := "catalog.import_similar"
			if found.item.Name == j.item.Name {
				key = "catalog.import_same_name"
			}
			j.find("item_name", j.item.Name, key, errs.P{"name": found.item.Name})
		}
		if whole[place+name] == nil {
			whole[place+name] = j
		}
		if len(rs) < minSimilar {
			continue
		}
		for i := range rs {
			less := place + string(rs[:i]) + string(rs[i+1:])
			lacking[less], lacking[less+"\x00"+string(rune(i))] = j, j
		}
	}
}

// minSimilar is how long names must be to be compared with one character less: in short ones a single character is the whole difference.
const minSimilar = 10
