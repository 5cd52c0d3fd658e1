package directory

import (
	"regexp"
	"slices"
	"strings"

	"tongban/internal/base/errs"
	"tongban/internal/domain/catalog/item"
)

// The states of a base item (code list state of the exchange table).
const (
	InUse     = "1"
	Suspended = "2"
	Cancelled = "3"
)

// Base is one item of the base directory in one version. The fields with JSON names make up the stored document and are the keys of a pack's
// base.yaml; what is empty is not fixed, and its adopters fill it in themselves.
type Base struct {
	Code        string          `json:"code"` // 基本编码, 12 characters
	LocalCode   string          `json:"local_code,omitempty"`
	Name        string          `json:"name"`
	MainItem    string          `json:"main_item,omitempty"` // 主项; Name when empty
	SubItem     string          `json:"sub_item,omitempty"`  // 子项; only with a code that has one
	ItemType    string          `json:"item_type"`           // code list type; the third and fourth character of the code
	Department  string          `json:"department"`          // 中央业务指导部门, by name; its number is the fifth and sixth character
	UseLevels   []string        `json:"use_levels"`          // code list use_level
	Audience    []string        `json:"audience,omitempty"`  // adopters may serve fewer, not others
	Basis       []item.Basis    `json:"basis"`
	Legal       item.Limit      `json:"legal,omitzero"` // adopters may name a shorter one
	ResultKind  string          `json:"result_kind,omitempty"`
	ResultName  string          `json:"result_name,omitempty"`
	Conditions  []string        `json:"conditions,omitempty"`   // 受理条件 the law sets
	Materials   []item.Material `json:"materials,omitempty"`    // the core list: key, name, required, source
	OnlyThese   bool            `json:"only_these,omitempty"`   // adopters ask for no other material
	Free        bool            `json:"free,omitempty"`         // nothing may be charged
	LifeEvents  []string        `json:"life_events,omitempty"`  // codes of list life_event
	Explain     string          `json:"explain,omitempty"`      // for offices, not for applicants
	Predecessor []string        `json:"predecessors,omitempty"` // codes it came of by a split or merger
	Successor   []string        `json:"successors,omitempty"`   // codes that took over

	Version   int    `json:"-"`
	State     string `json:"-"`
	Effective string `json:"-"` // first day of this version, YYYY-MM-DD
	FollowBy  string `json:"-"` // day until which adopters follow; empty for the first version
	Kind      Kind   `json:"-"` // the change it came by
	ChangeID  string `json:"-"` // empty: a pack
	Pack      string `json:"-"`
}

// Main is the name of the 主项.
func (b Base) Main() string {
	if b.MainItem != "" {
		return b.MainItem
	}
	return b.Name
}

// Codes of base items: a prefix (00 national, else the first two digits of GB/T 2260), type, guiding department, 主项 and 子项.
type parts struct{ prefix, kind, department, main, sub string }

var codeShape = regexp.MustCompile(`^\d{6}[0-9A-Z]{6}$`)

func split(code string) (parts, bool) {
	if !codeShape.MatchString(code) {
		return parts{}, false
	}
	return parts{code[:2], code[2:4], code[4:6], code[6:9], code[9:]}, true
}

// NoSub is the 子项 of an item that has none.
const NoSub = "000"

// National reports whether a code is the same everywhere in the country.
func National(code string) bool { return strings.HasPrefix(code, "00") }

// check gives everything wrong with a base item by itself; paths are JSON names.
func (b Base) check() findings {
	var f findings
	p, ok := split(b.Code)
	if !ok {
		f.add("code", "directory.code_shape", errs.P{"code": b.Code})
	}
	f.filled("name", b.Name, "department", b.Department)
	f.inList("item_type", "type", b.ItemType, true)
	if ok && b.ItemType != "" && p.kind != b.ItemType {
		f.add("item_type", "directory.code_type", errs.P{"code": b.Code, "in_code": p.kind, "type": b.ItemType})
	}
	if ok && p.sub == NoSub && b.SubItem != "" {
		f.add("sub_item", "directory.sub_without_code")
	}
	if ok && p.sub != NoSub && b.SubItem == "" {
		f.add("sub_item", "directory.code_without_sub")
	}
	if len(b.UseLevels) == 0 {
		f.add("use_levels", "directory.no_level")
	}
	f.eachIn("use_levels", "use_level", b.UseLevels)
	f.eachIn("audience", "audience", b.Audience)
	f.inList("result_kind", "result", b.ResultKind, false)
	if b.Legal.N < 0 || b.Legal.N > 3650 {
		f.add("legal", "directory.limit_number")
	} else if b.Legal.N > 0 {
		f.inList("legal", "unit", string(b.Legal.Unit), true)
	}
	b.checkBasis(&f)
	b.checkMaterials(&f)
	for _, c := range slices.Concat(b.Predecessor, b.Successor) {
		if _, ok := split(c); !ok || c == b.Code {
			f.add("predecessors", "directory.code_shape", errs.P{"code": c})
		}
	}
	return f
}

func (b Base) checkBasis(f *findings) {
	if len(b.Basis) == 0 {
		f.add("basis", "directory.no_basis")
	}
	for i, x := range b.Basis {
		if strings.TrimSpace(x.Law) == "" {
			f.add("basis", "directory.basis_no_law", errs.P{"n": i + 1})
		}
		if !slices.Contains(item.Codes("basis_status"), x.Status) {
			f.add("basis", "directory.basis_no_status", errs.P{"n": i + 1})
		}
		if x.Effective != "" && !isDate(x.Effective) {
			f.add("basis", "directory.basis_no_date", errs.P{"n": i + 1})
		}
	}
}

func (b Base) checkMaterials(f *findings) {
	seen := map[string]bool{}
	for i, m := range b.Materials {
		if m.Key == "" || m.Name == "" {
			f.add("materials", "directory.material_empty", errs.P{"n": i + 1})
		}
		if seen[m.Key] {
			f.add("materials", "directory.material_twice", errs.P{"n": i + 1, "key": m.Key})
		}
		seen[m.Key] = true
		f.inList("materials", "required", m.Required, true)
		f.inList("materials", "source", m.Source, false)
	}
}

// finding is one thing wrong; Path is the JSON name of the place.
type finding = errs.Field

type findings []finding

func (f *findings) add(path, key string, p ...errs.P) {
	x := finding{Path: path, Key: key}
	if len(p) > 0 {
		x.Params = p[0]
	}
	*f = append(*f, x)
}

func (f *findings) filled(pairs ...string) {
	for i := 0; i+1 < len(pairs); i += 2 {
		if strings.TrimSpace(pairs[i+1]) == "" {
			f.add(pairs[i], "directory.required_"+pairs[i])
		}
	}
}

func (f *findings) inList(path, list, code string, must bool) {
	if code == "" && !must || slices.Contains(item.Codes(list), code) {
		return
	}
	f.add(path, "directory.not_in_list", errs.P{"code": code, "list": list})
}

func (f *findings) eachIn(path, list string, codes []string) {
	for _, c := range codes {
		f.inList(path, list, c, true)
	}
}
