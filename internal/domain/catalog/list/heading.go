package list

import (
	"slices"
	"strings"

	"tongban/internal/domain/catalog/item"
)

// What a column of a table is for.
type use int

const (
	useless use = iota
	useElement
	useFact
	useKey  // names the item in our own lists
	useRest // what our own lists cannot say in columns, as JSON
	useUnit // of a limit
	useChild
	useRef  // in a child's table: which item the row belongs to
	useSync // columns by which exchange tables are kept in step: known, not needed
)

// target is what a column means.
type target struct {
	use     use
	element int    // in item.Elements
	name    string // of a fact, a reference or a child
	column  int    // of the child
}

// Facts are what a list of another house says of an item's place in it, word for word.
type Facts struct {
	Department, MainItem, LocalCode, VariantCode, ItemType, AgencyCode, RegionCode string
}

func (f *Facts) at(name string) *string {
	switch name {
	case "department":
		return &f.Department
	case "main_item":
		return &f.MainItem
	case "local_item_code":
		return &f.LocalCode
	case "variant_code":
		return &f.VariantCode
	case "item_type":
		return &f.ItemType
	case "agency_code":
		return &f.AgencyCode
	case "region_code":
		return &f.RegionCode
	}
	return nil
}

// factNames are the columns that are facts, with the headings they may have.
var factNames = map[string][]string{
	"department":      {"department", "实施主体", "实施主体名称", "实施机关", "实施机构", "dept_name", "办理机构", "办理部门", "办理单位", "部门", "部门名称"}, // the surest first
	"main_item":       {"main_item", "主项", "主项名称"},
	"local_item_code": {"local_item_code", "事项编码", "实施编码", "地方实施编码", "办理项编码", "task_code"},
	"variant_code":    {"variant_code", "业务办理项编码", "task_handle_item"},
	"item_type":       {"item_type", "事项类型", "类型", "task_type"},
	"agency_code":     {"agency_code", "机构代码", "实施主体编码", "统一社会信用代码", "dept_code"},
	"region_code":     {"region_code", "区划代码", "行政区划代码", "行政区划", "region", "地区", "地区代码"},
}

// moreNames are headings lists use besides the names of the elements.
var moreNames = map[string]string{
	"item_name": "name", "名称": "name", "办理项名称": "name", "业务办理项名称": "name", "咨询方式": "consult", "监督投诉方式": "complain", "投诉电话": "complain",
	"法定时限": "legal", "承诺时限": "promised", "办理时限": "promised", "到现场次数": "visits", "受理条件": "who", "审批结果类型": "result", "审批结果名称": "result_name",
}

// basisNames are headings over the legal bases as one text.
var basisNames = []string{"设定依据", "by_law", "法律依据"}

func lawColumn() target {
	for _, c := range item.Children {
		if c.Key == "bases" {
			return target{use: useChild, name: c.Key, column: c.Column(c.Name)}
		}
	}
	return target{}
}

// syncNames are the columns of an exchange table that say how the row travelled.
var syncNames = []string{"cd_batch", "cd_operation", "cd_time", "序号", "no", "no.", "备注"}

// The headings of our own lists' two extra columns, by which they are recognised.
const (
	keyHead  = "事项标识"
	restHead = "其他内容（请勿改动）"
)

// words maps the headings of the main table to what they mean; own lists have no facts.
type words struct{ foreign, own map[string]target }

var mainWords = func() words {
	w := words{map[string]target{}, map[string]target{}}
	for i, e := range item.Elements {
		for _, n := range []string{e.Key, e.Chinese, e.English, e.National} {
			add(w.own, n, target{use: useElement, element: i})
		}
		add(w.own, e.NationalUnit, target{use: useUnit, element: i})
		for n, key := range moreNames {
			if key == e.Key {
				add(w.own, n, target{use: useElement, element: i})
			}
		}
	}
	for _, c := range item.Children {
		for j, col := range c.Columns {
			t := target{use: useChild, name: c.Key, column: j}
			for _, n := range []string{c.Key + "." + col.Key, c.Chinese + "：" + col.Chinese} {
				add(w.own, n, t)
			}
			if strings.HasPrefix(col.Chinese, strings.TrimSuffix(c.Chinese, "清单")) || len(col.National) > 12 {
				add(w.own, col.Chinese, t)
			}
		}
	}
	for _, n := range basisNames {
		add(w.own, n, lawColumn())
	}
	for _, n := range syncNames {
		add(w.own, n, target{use: useSync})
	}
	add(w.own, keyHead, target{use: useKey})
	add(w.own, "key", target{use: useKey})
	add(w.own, "tongban_key", target{use: useKey})
	for _, n := range []string{restHead, "rest", "tongban_rest"} {
		add(w.own, n, target{use: useRest})
	}
	for name, heads := range factNames {
		for _, h := range heads {
			w.foreign[plain(h)] = target{use: useFact, name: name}
		}
	}
	for n, t := range w.own {
		add(w.foreign, n, t)
	}
	return w
}()

func add(m map[string]target, name string, t target) {
	if name = plain(name); name == "" {
		return
	}
	if _, taken := m[name]; !taken {
		m[name] = t
	}
}

// plain brings a heading into the form it is compared in: without blanks, marks of what is required, and case.
func plain(h string) string {
	h = strings.ToLower(strings.Map(func(r rune) rune {
		switch {
		case r == ' ' || r == '\n' || r == '\r' || r == '\t' || r == '　' || r == '*' || r == '＊' || r == '\ufeff':
			return -1
		case r >= '！' && r <= '～':
			return r - '！' + '!'
		}
		return r
	}, h))
	return strings.TrimRight(h, ":")
}

// meaning looks a heading up; explanations in brackets behind it do not count.
func meaning(m map[string]target, h string) (target, bool) {
	p := plain(h)
	if t, ok := m[p]; ok {
		return t, true
	}
	short, _, cut := strings.Cut(p, "(")
	if t, ok := m[short]; cut && ok {
		return t, true
	}
	if strings.HasPrefix(p, "tongban_rest") || strings.Trim(p, "+") == "rest" || strings.HasPrefix(p, plain(restHead)) {
		return target{use: useRest}, true
	}
	return target{}, false
}

// heading is a row that names columns.
type heading struct {
	row      int // its number
	cells    []string
	targets  []target
	known    int
	own      bool
	children []childColumns
}

// childColumns are the columns of a child that stand in the main table.
type childColumns struct {
	child         *item.Child
	header, heads []string // keys of the child's columns, and what the list calls them
	cols          []int
}

// childrenIn finds the columns of children.
func (h *heading) childrenIn() []childColumns {
	var out []childColumns
	for i := range item.Children {
		c := childColumns{child: &item.Children[i]}
		for n, t := range h.targets {
			if t.use == useChild && t.name == c.child.Key {
				c.header, c.heads, c.cols = append(c.header, c.child.Columns[t.column].Key), append(c.heads, h.cells[n]), append(c.cols, n)
			}
		}
		if len(c.cols) > 0 {
			out = append(out, c)
		}
	}
	return out
}

// has reports whether a column is for an element.
func (h heading) has(key string) bool {
	for _, t := range h.targets {
		if t.use == useElement && item.Elements[t.element].Key == key {
			return true
		}
	}
	return false
}

func mainHeading(r Row) heading {
	h := heading{row: r.Number, cells: r.Cells}
	m := mainWords.foreign
	for _, c := range r.Cells {
		if t, ok := meaning(m, c); ok && t.use == useKey {
			m, h.own = mainWords.own, true
		}
	}
	seen := map[target]int{}
	for i, c := range r.Cells {
		t, ok := meaning(m, c)
		if before, twice := seen[t]; ok && twice && t.use != useRest {
			if t.use == useFact && surer(t.name, c, r.Cells[before]) {
				h.targets[before] = target{}
				h.known--
			} else {
				t, ok = target{}, false // named twice: the first one counts
			}
		}
		if ok {
			seen[t] = i
			h.known++
		}
		h.targets = append(h.targets, t)
	}
	h.children = h.childrenIn()
	if h.leaveOut() {
		h.children = h.childrenIn()
	}
	return h
}

// surer reports whether a heading names a fact better than another does: 实施主体 is the agency, where 部门 stands beside it.
func surer(fact, head, other string) bool {
	if fact != "department" {
		return false
	}
	rank := func(h string) int {
		short, _, _ := strings.Cut(plain(h), "(")
		return slices.Index(factNames[fact], short)
	}
	return rank(head) < rank(other)
}

// leaveOut gives up columns of a child that say nothing by themselves: a lone 实施日期 is no legal basis, and would make an empty one in each row.
func (h *heading) leaveOut() bool {
	left := false
	for _, c := range h.children {
		says := false
		for _, key := range c.header {
			switch col := c.child.Columns[c.child.Column(key)]; col.Kind {
			case item.KindDate, item.KindCode, item.KindCodes, item.KindNumber, item.KindYesNo:
				says = says || col.Required && col.Kind != item.KindDate || col.Key == c.child.Name
			default:
				says = true
			}
		}
		if says {
			continue
		}
		for _, i := range c.cols {
			h.targets[i] = target{}
			h.known--
			left = true
		}
	}
	return left
}

// refNames are the columns by which a child's row names its item, the surest first.
var refNames = map[string][]string{
	"key":     {keyHead, "key", "tongban_key"},
	"variant": {"task_handle_item", "业务办理项编码", "variant_code"},
	"code":    {"task_code", "实施编码", "事项编码", "code", "local_item_code"},
	"row":     {"task_guid", "记录唯一标识", "row_id"},
	"name":    {"task_name", "事项名称", "item_name"},
}

var refOrder = []string{"key", "variant", "code", "row", "name"}

func childHeading(c item.Child, r Row, codes *Codes) heading {
	h := heading{row: r.Number, cells: r.Cells}
	best := len(refOrder)
	for _, cell := range r.Cells {
		t := target{}
		if j := c.Column(strings.TrimSpace(strings.Trim(cell, "*＊"))); j >= 0 {
			t = target{use: useChild, name: c.Key, column: c.Column(codes.swapped(c.Key, c.Columns[j].Key))}
		}
		for i, ref := range refOrder {
			if t.use == useChild || !slices.ContainsFunc(refNames[ref], func(n string) bool { return plain(n) == plain(cell) }) {
				continue
			}
			if t = (target{use: useSync}); i < best { // the others say the same once more
				best, t = i, target{use: useRef, name: ref}
			}
			break
		}
		if t.use != useless {
			h.known++
		}
		h.targets = append(h.targets, t)
	}
	for i, t := range h.targets {
		if t.use == useRef && t.name != refOrder[min(best, len(refOrder)-1)] {
			h.targets[i] = target{use: useSync}
		}
	}
	return h
}

// childOf finds the child a table holds, by the table's name.
func childOf(name string) (item.Child, bool) {
	p := plain(name)
	for _, c := range item.Children {
		for _, n := range []string{c.Key, c.Chinese, c.English, c.National} {
			n = plain(n)
			if n != "" && (p == n || strings.HasSuffix(p, "_"+n)) {
				return c, true
			}
		}
	}
	return item.Child{}, false
}

// Names of the main table of the exchange format and of the base directory's.
const (
	MainTable      = "task_general_basic"
	DirectoryTable = "task_directory"
)

// tableOf recognises a table of the exchange format by its name: the main one, a child's, or nil.
func tableOf(name string) any {
	p := plain(name)
	for _, n := range []string{MainTable, DirectoryTable} {
		if p == n || strings.HasSuffix(p, "_"+n) {
			return n
		}
	}
	if c, ok := childOf(name); ok {
		return c
	}
	return nil
}
