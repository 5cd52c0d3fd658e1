package item

import (
	"strconv"

	"tongban/internal/engine/clock"
	"tongban/internal/engine/cond"
)

// materialsChild has all columns of the exchange table's material row, and what Tongban needs to fetch instead of asking.
func materialsChild() Child {
	c := Child{Key: "materials", Chinese: "申请材料", English: "Materials", National: "material", Pointer: "/materials", Public: true, Name: "name"}
	c.Columns, c.rows = tableOf(func(it *Item) *[]Material { return &it.Materials }, []column[Material]{
		textCol(Column{Key: "key", Chinese: "材料标识", English: "Key"}, func(m *Material) *string { return &m.Key }),
		textCol(Column{Key: "name", Chinese: "材料名称", English: "Name", Required: true, National: "material_name"}, func(m *Material) *string { return &m.Name }),
		textCol(Column{Key: "required", Chinese: "必要性", English: "Needed", Kind: KindCode, List: "required", Required: true, National: "is_need"}, func(m *Material) *string { return &m.Required }),
		textCol(Column{Key: "source", Chinese: "提供方式", English: "Comes from", Kind: KindCode, List: "source", Required: true, Hint: "政府已有的证照由平台调取，不向群众要", HintEn: "What the government holds is fetched, not asked for"}, func(m *Material) *string { return &m.Source }),
		textCol(Column{Key: "licence_type", Chinese: "证照类型代码", English: "Type of licence"}, func(m *Material) *string { return &m.LicenceType }),
		condCol(Column{Key: "when", Chinese: "适用情形", English: "Asked when"}, func(m *Material) *cond.Expr { return &m.When }),
		textCol(Column{Key: "medium", Chinese: "材料形式", English: "Medium", Kind: KindCode, List: "medium", Required: true, National: "material_format"}, func(m *Material) *string { return &m.Medium }),
		numCol(Column{Key: "original", Chinese: "原件份数", English: "Originals"}, func(m *Material) *int { return &m.Original }),
		numCol(Column{Key: "copies", Chinese: "复印件份数", English: "Copies"}, func(m *Material) *int { return &m.Copies }),
		{Column{Key: "paper", Chinese: "材料类型", English: "Original or copy", Kind: KindCode, List: "material_type", National: "material_type"}, paperOf, setPaper},
		{
			Column{Key: "pages", Chinese: "份数", English: "Number", Kind: KindNumber, National: "page_num", Hint: "原件与复印件的总数；列表只有总数时使用", HintEn: "Originals and copies together, where a list has no more"},
			func(m *Material) string {
				if n := m.Original + m.Copies; n > 0 {
					return strconv.Itoa(n)
				}
				return ""
			},
			setPages,
		},
		textCol(Column{Key: "size", Chinese: "材料规格", English: "Size", National: "page_format"}, func(m *Material) *string { return &m.Size }),
		listCol(Column{Key: "formats", Chinese: "电子文件格式", English: "Kinds of file", Kind: KindCodes, List: "format"}, func(m *Material) *[]string { return &m.Formats }),
		numCol(Column{Key: "max_mb", Chinese: "单个文件上限（MB）", English: "Largest file in MB"}, func(m *Material) *int { return &m.MaxMB }),
		numCol(Column{Key: "max_files", Chinese: "文件个数上限", English: "Most files"}, func(m *Material) *int { return &m.MaxFiles }),
		textCol(Column{Key: "origin", Chinese: "来源渠道", English: "Origin", Kind: KindCode, List: "origin", National: "source_type"}, func(m *Material) *string { return &m.Origin }),
		textCol(Column{Key: "origin_note", Chinese: "来源渠道说明", English: "About the origin", National: "source_explain"}, func(m *Material) *string { return &m.OriginNote }),
		textCol(Column{Key: "issuer", Chinese: "出具机构", English: "Issued by"}, func(m *Material) *string { return &m.Issuer }),
		textCol(Column{Key: "fill", Chinese: "填报须知", English: "How to fill in", Kind: KindLong, National: "fill_explain"}, func(m *Material) *string { return &m.Fill }),
		textCol(Column{Key: "accept", Chinese: "受理标准", English: "Accepted if", Kind: KindLong, National: "accept_stand"}, func(m *Material) *string { return &m.Accept }),
		textCol(Column{Key: "basis", Chinese: "要求依据", English: "Basis", National: "by_law"}, func(m *Material) *string { return &m.Basis }),
		textCol(Column{Key: "empty", Chinese: "空表", English: "Blank form", National: "form_guid"}, func(m *Material) *string { return &m.Empty }),
		textCol(Column{Key: "sample", Chinese: "样表", English: "Example", National: "example_guid"}, func(m *Material) *string { return &m.Sample }),
		textCol(Column{Key: "not_needed", Chinese: "非必要时办理情形", English: "Not needed when"}, func(m *Material) *string { return &m.NotNeeded }),
		yesCol(Column{Key: "in_person", Chinese: "是否需本人到现场填写", English: "Filled in at the counter"}, func(m *Material) *bool { return &m.InPerson }),
		yesCol(Column{Key: "legal_demand", Chinese: "是否法定条件", English: "The law demands it"}, func(m *Material) *bool { return &m.LegalDemand }),
		textCol(Column{Key: "remark", Chinese: "备注", English: "Remark", National: "remark"}, func(m *Material) *string { return &m.Remark }),
	})
	return c
}

// paperOf says whether originals or copies are asked for: as the list says, or by the numbers.
func paperOf(m *Material) string {
	if m.Paper != "" {
		return m.Paper
	}
	return byNumbers(m)
}

func byNumbers(m *Material) string {
	switch {
	case m.Original > 0 && m.Copies == 0:
		return "1"
	case m.Original == 0 && m.Copies > 0:
		return "2"
	}
	return ""
}

func setPaper(m *Material, v string) {
	if v != byNumbers(m) {
		m.Paper = v
	}
}

// setPages takes the bare total of a list; the numbers of originals and copies, if they are given, come first in the columns and stand.
func setPages(m *Material, v string) {
	n, _ := strconv.Atoi(v)
	switch {
	case m.Original+m.Copies > 0:
	case m.Paper == "2":
		m.Copies = n
	default:
		m.Original = n
	}
}

// specialChild joins the extension of the period (kind 1) and the procedures whose time is not counted (kind 2).
func specialChild() Child {
	type row struct {
		kind, name, unit, basis, by string
		n                           int
	}
	rowsOf := func(it *Item) *[]row {
		var out []row
		if x := it.Limits.Extension; x != nil {
			out = append(out, row{"1", x.Explain, string(x.Unit), x.Basis, x.By, x.N})
		}
		for _, name := range it.Special {
			r := row{kind: "2", name: name}
			for _, p := range it.Procedures {
				if p.Name == name {
					r.n, r.unit, r.basis = p.N, string(p.Unit), p.Basis
				}
			}
			out = append(out, r)
		}
		return &out
	}
	cols, rows := tableOf(rowsOf, []column[row]{
		textCol(Column{Key: "kind", Chinese: "特别程序种类", English: "Kind", Kind: KindCode, List: "special", Required: true}, func(r *row) *string { return &r.kind }),
		textCol(Column{Key: "name", Chinese: "特别程序名称", English: "Procedure", National: "special_procedure"}, func(r *row) *string { return &r.name }),
		numCol(Column{Key: "n", Chinese: "时限", English: "Limit"}, func(r *row) *int { return &r.n }),
		textCol(Column{Key: "unit", Chinese: "时限单位", English: "Unit", Kind: KindCode, List: "unit"}, func(r *row) *string { return &r.unit }),
		textCol(Column{Key: "basis", Chinese: "依据", English: "Basis"}, func(r *row) *string { return &r.basis }),
		textCol(Column{Key: "by", Chinese: "批准人", English: "Approved by"}, func(r *row) *string { return &r.by }),
	})
	set := func(it *Item, _ []int, cells [][]string) {
		it.Special, it.Procedures, it.Limits.Extension = nil, nil, nil
		for _, r := range cells { // kind, name, n, unit, basis, by
			n, _ := strconv.Atoi(r[2])
			switch {
			case r[0] == "1":
				it.Limits.Extension = &Limit{N: n, Unit: clock.Unit(r[3]), Explain: r[1], Basis: r[4], By: r[5]}
			case r[1] != "":
				it.Special = append(it.Special, r[1])
				if n > 0 || r[4] != "" {
					it.Procedures = append(it.Procedures, Procedure{r[1], n, clock.Unit(r[3]), r[4]})
				}
			}
		}
	}
	return Child{
		Key: "special", Chinese: "特别程序", English: "Special procedures", Pointer: "/special", Public: true, Name: "name",
		Columns: cols, rows: store{rows.length, rows.cell, set},
	}
}
