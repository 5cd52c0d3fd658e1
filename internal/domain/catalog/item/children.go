package item

import (
	"cmp"
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"tongban/internal/engine/cond"
	"tongban/internal/engine/form"
)

// Children are the tables inside an item, in the order of the guide.
var Children = []Child{
	materialsChild(), feesChild(), basesChild(), resultsChild(), placesChild(), delegatesChild(), jointChild(), specialChild(), faqChild(), dutyChild(), questionsChild(),
	checksChild(), papersChild(), investmentChild(), fundChild(),
}

// condCol is a condition, as JSON.
func condCol[T any](c Column, at func(*T) *cond.Expr) column[T] {
	c.Kind = KindCond
	return column[T]{c, func(x *T) string {
		if at(x).IsZero() {
			return ""
		}
		b, _ := json.Marshal(*at(x)) //nolint:errchkjson // an Expr is texts, numbers and lists of them
		return string(b)
	}, func(x *T, v string) {
		*at(x) = cond.Expr{}
		if v != "" {
			_ = json.Unmarshal([]byte(v), at(x)) // read has seen that it can be read
		}
	}}
}

func basesChild() Child {
	c := Child{Key: "bases", Chinese: "设定依据", English: "Legal bases", National: "by_law", Pointer: "/basis", Public: true, Name: "law"}
	c.Columns, c.rows = tableOf(func(it *Item) *[]Basis { return &it.Basis }, []column[Basis]{
		textCol(Column{Key: "law", Chinese: "法律名称", English: "Law", Required: true, National: "law_name"}, func(b *Basis) *string { return &b.Law }),
		textCol(Column{Key: "number", Chinese: "文号", English: "Document number", National: "law_no"}, func(b *Basis) *string { return &b.Number }),
		textCol(Column{Key: "article", Chinese: "条款号", English: "Article", Required: true, National: "clause_no"}, func(b *Basis) *string { return &b.Article }),
		textCol(Column{Key: "issuer", Chinese: "颁布机关", English: "Issued by", National: "issue_org"}, func(b *Basis) *string { return &b.Issuer }),
		textCol(Column{Key: "effective", Chinese: "实施日期", English: "In force from", Kind: KindDate, National: "effective_date"}, func(b *Basis) *string { return &b.Effective }),
		textCol(Column{Key: "text", Chinese: "条款内容", English: "Wording", Kind: KindLong, Required: true, National: "clause_content"}, func(b *Basis) *string { return &b.Text }),
		textCol(Column{Key: "status", Chinese: "核对情况", English: "Checked", Kind: KindCode, List: "basis_status"}, func(b *Basis) *string { return &b.Status }),
	})
	return c
}

func feesChild() Child {
	c := Child{Key: "fees", Chinese: "收费项目", English: "Fees", National: "fee", Pointer: "/fee/rows", Public: true, Name: "name"}
	c.Columns, c.rows = tableOf(func(it *Item) *[]FeeRow { return &it.Fee.Rows }, []column[FeeRow]{
		textCol(Column{Key: "name", Chinese: "收费项目名称", English: "Fee", Required: true, National: "fee_name"}, func(f *FeeRow) *string { return &f.Name }),
		moneyCol(Column{Key: "amount", Chinese: "收费标准（元）", English: "Amount in yuan"}, func(f *FeeRow) *int64 { return &f.StandardFen }),
		textCol(Column{Key: "unit", Chinese: "计费单位", English: "Per"}, func(f *FeeRow) *string { return &f.Unit }),
		{
			Column{Key: "standard", Chinese: "收费标准", English: "Tariff", Kind: KindText, Hint: "不是单一金额时按文件原文填写", HintEn: "As the tariff says, where it is no single amount", National: "fee_stand"},
			tariff, setTariff,
		},
		textCol(Column{Key: "basis", Chinese: "收费依据", English: "Basis", Required: true, National: "by_law"}, func(f *FeeRow) *string { return &f.Basis }),
		{Column{Key: "reduced", Chinese: "是否减免", English: "Can be reduced", Kind: KindYesNo, National: "is_desc"}, func(f *FeeRow) string { return yes(f.Reduction != "") }, func(*FeeRow, string) {}},
		textCol(Column{Key: "reduction", Chinese: "减免说明", English: "Reduction", National: "desc_explain"}, func(f *FeeRow) *string { return &f.Reduction }),
	})
	return c
}

// tariff is the standard in words: those of the tariff, or 10元/本.
func tariff(f *FeeRow) string {
	switch {
	case f.Standard != "" || f.StandardFen == 0:
		return f.Standard
	case f.Unit == "":
		return yuan(f.StandardFen) + "元"
	}
	return yuan(f.StandardFen) + "元/" + f.Unit
}

// setTariff reads an amount out of the words where there is one, so that 10元/本 is ten yuan a piece.
func setTariff(f *FeeRow, v string) {
	amount, unit, _ := strings.Cut(v, "/")
	if n, ok := fen(amount); ok && strings.HasSuffix(amount, "元") {
		f.StandardFen, f.Unit = n, cmp.Or(unit, f.Unit)
		return
	}
	f.Standard = v
}

// resultsChild: the first row is the item's result, the others stand beside it.
func resultsChild() Child {
	c := Child{Key: "results", Chinese: "审批结果", English: "Results", National: "result", Pointer: "/result", Public: true, Name: "name"}
	columns := []column[Result]{
		textCol(Column{Key: "kind", Chinese: "结果类型", English: "Kind", Kind: KindCode, List: "result", Required: true, National: "result_type"}, func(r *Result) *string { return &r.Kind }),
		textCol(Column{Key: "name", Chinese: "结果名称", English: "Name", National: "result_name"}, func(r *Result) *string { return &r.Name }),
		textCol(Column{Key: "licence_type", Chinese: "证照类型", English: "Type of licence"}, func(r *Result) *string { return &r.LicenceType }),
		textCol(Column{Key: "sample", Chinese: "结果样本", English: "Sample", National: "result_guid"}, func(r *Result) *string { return &r.Sample }),
	}
	cols, rows := tableOf(func(it *Item) *[]Result { return &it.MoreResults }, columns)
	first := func(it *Item) int { // 1 when there is a result of its own
		if it.Result == (Result{}) {
			return 0
		}
		return 1
	}
	c.Columns, c.rows = cols, store{
		length: func(it *Item) int { return first(it) + len(it.MoreResults) },
		cell: func(it *Item, row, col int) string {
			if row -= first(it); row < 0 {
				return columns[col].get(&it.Result)
			}
			return rows.cell(it, row, col)
		},
		set: func(it *Item, given []int, cells [][]string) {
			var x Item
			rows.set(&x, given, cells)
			it.Result, it.MoreResults = Result{}, nil
			if len(x.MoreResults) > 0 {
				it.Result = x.MoreResults[0]
			}
			if len(x.MoreResults) > 1 {
				it.MoreResults = x.MoreResults[1:]
			}
		},
	}
	return c
}

func placesChild() Child {
	c := Child{Key: "places", Chinese: "办理地点", English: "Places", National: "transact", Pointer: "/places", Public: true, Name: "hall"}
	c.Columns, c.rows = tableOf(func(it *Item) *[]Place { return &it.Places }, []column[Place]{
		textCol(Column{Key: "hall", Chinese: "大厅名称", English: "Hall", Required: true}, func(p *Place) *string { return &p.Hall }),
		textCol(Column{Key: "address", Chinese: "办理地址", English: "Address", Required: true, National: "transact_addr"}, func(p *Place) *string { return &p.Address }),
		textCol(Column{Key: "floor", Chinese: "楼层窗口", English: "Floor and counter"}, func(p *Place) *string { return &p.Floor }),
		textCol(Column{Key: "hours", Chinese: "办理时间", English: "Hours", National: "transact_time"}, func(p *Place) *string { return &p.Hours }),
		textCol(Column{Key: "phone", Chinese: "联系电话", English: "Telephone", Kind: KindPhone}, func(p *Place) *string { return &p.Phone }),
		textCol(Column{Key: "directions", Chinese: "交通指引", English: "How to get there"}, func(p *Place) *string { return &p.Directions }),
	})
	return c
}

func delegatesChild() Child {
	c := Child{Key: "delegates", Chinese: "下沉办理点", English: "Delegated offices", Pointer: "/delegates", Public: true, Name: "office"}
	c.Columns, c.rows = tableOf(func(it *Item) *[]Delegate { return &it.Delegates }, []column[Delegate]{
		textCol(Column{Key: "region", Chinese: "行政区划代码", English: "Region code", Required: true}, func(d *Delegate) *string { return &d.Region }),
		textCol(Column{Key: "office", Chinese: "办理点名称", English: "Office", Required: true}, func(d *Delegate) *string { return &d.Office }),
		listCol(Column{Key: "acts", Chinese: "办理环节", English: "What it does", Kind: KindCodes, List: "act", Required: true}, func(d *Delegate) *[]string { return &d.Acts }),
		textCol(Column{Key: "phone", Chinese: "联系电话", English: "Telephone", Kind: KindPhone}, func(d *Delegate) *string { return &d.Phone }),
		textCol(Column{Key: "basis", Chinese: "委托依据", English: "Basis of the delegation"}, func(d *Delegate) *string { return &d.Basis }),
	})
	return c
}

func jointChild() Child {
	c := Child{Key: "joint", Chinese: "联办机构", English: "Joint agencies", National: "other_dept", Pointer: "/joint", Public: true, Name: "name"}
	c.Columns, c.rows = tableOf(func(it *Item) *[]Partner { return &it.Joint }, []column[Partner]{
		textCol(Column{Key: "agency", Chinese: "本平台机构", English: "Agency here"}, func(p *Partner) *string { return &p.Agency }),
		textCol(Column{Key: "name", Chinese: "机构名称", English: "Name", National: "other_dept"}, func(p *Partner) *string { return &p.Name }),
		textCol(Column{Key: "code", Chinese: "机构编码", English: "Credit code", National: "other_dept_code"}, func(p *Partner) *string { return &p.Code }),
		textCol(Column{Key: "does", Chinese: "承担的工作", English: "What it does"}, func(p *Partner) *string { return &p.Does }),
	})
	return c
}

func faqChild() Child {
	c := Child{Key: "faq", Chinese: "常见问题", English: "Frequent questions", National: "faq", Pointer: "/faq", Public: true, Name: "q"}
	c.Columns, c.rows = tableOf(func(it *Item) *[]Answer { return &it.FAQ }, []column[Answer]{
		textCol(Column{Key: "q", Chinese: "问题", English: "Question", Required: true, National: "question"}, func(a *Answer) *string { return &a.Q }),
		textCol(Column{Key: "a", Chinese: "解答", English: "Answer", Kind: KindLong, Required: true, National: "answer"}, func(a *Answer) *string { return &a.A }),
	})
	return c
}

func dutyChild() Child {
	c := Child{Key: "duty", Chinese: "责任事项", English: "Responsibilities", Pointer: "/duty", Public: true, Name: "stage"}
	c.Columns, c.rows = tableOf(func(it *Item) *[]Responsibility { return &it.Duty }, []column[Responsibility]{
		textCol(Column{Key: "stage", Chinese: "责任环节", English: "Stage", Required: true}, func(d *Responsibility) *string { return &d.Stage }),
		textCol(Column{Key: "text", Chinese: "责任内容", English: "Duty", Kind: KindLong, Required: true}, func(d *Responsibility) *string { return &d.Text }),
		textCol(Column{Key: "basis", Chinese: "责任依据", English: "Basis"}, func(d *Responsibility) *string { return &d.Basis }),
		textCol(Column{Key: "blamed", Chinese: "追责情形", English: "What is held against it"}, func(d *Responsibility) *string { return &d.Blamed }),
	})
	return c
}

func questionsChild() Child {
	c := Child{Key: "questions", Chinese: "办理情形", English: "Scenario questions", Pointer: "/scenario", Public: true, Name: "key"}
	c.Columns, c.rows = tableOf(func(it *Item) *[]Question { return &it.Scenario }, []column[Question]{
		textCol(Column{Key: "key", Chinese: "情形标识", English: "Key", Required: true}, func(q *Question) *string { return &q.Key }),
		textCol(Column{Key: "ask", Chinese: "问题", English: "Question", Required: true}, func(q *Question) *string { return &q.Ask }),
		textCol(Column{Key: "hint", Chinese: "提示", English: "Hint"}, func(q *Question) *string { return &q.Hint }),
		jsonCol(Column{Key: "options", Chinese: "选项", English: "Answers"}, func(q *Question) *[]form.Option { return &q.Options }),
		condCol(Column{Key: "when", Chinese: "什么时候问", English: "Asked when"}, func(q *Question) *cond.Expr { return &q.When }),
		jsonCol(Column{Key: "stop", Chinese: "不能办理", English: "The way ends"}, func(q *Question) **Stop { return &q.Stop }),
		jsonCol(Column{Key: "warn", Chinese: "提醒", English: "Warning"}, func(q *Question) **Warn { return &q.Warn }),
	})
	return c
}

func checksChild() Child {
	c := Child{Key: "checks", Chinese: "提交前核对", English: "Checks before sending", Pointer: "/check_rules", Name: "name"}
	c.Columns, c.rows = tableOf(func(it *Item) *[]CheckRule { return &it.CheckRules }, []column[CheckRule]{
		textCol(Column{Key: "name", Chinese: "名称", English: "Name", Required: true}, func(r *CheckRule) *string { return &r.Name }),
		condCol(Column{Key: "when", Chinese: "不能提交的情形", English: "Refused when"}, func(r *CheckRule) *cond.Expr { return &r.When }),
		textCol(Column{Key: "text", Chinese: "告知内容", English: "What it says", Kind: KindLong, Required: true}, func(r *CheckRule) *string { return &r.Text }),
	})
	return c
}

// papersChild is the map of paper templates, ordered by act.
func papersChild() Child {
	type paper struct{ act, template string }
	c := Child{Key: "papers", Chinese: "文书模板", English: "Paper templates", Pointer: "/papers", Name: "act"}
	rowsOf := func(it *Item) *[]paper {
		var out []paper
		for _, act := range slices.Sorted(maps.Keys(it.Papers)) {
			out = append(out, paper{act, it.Papers[act]})
		}
		return &out
	}
	cols, rows := tableOf(rowsOf, []column[paper]{
		textCol(Column{Key: "act", Chinese: "环节", English: "Act", Required: true}, func(p *paper) *string { return &p.act }),
		textCol(Column{Key: "template", Chinese: "模板", English: "Template", Required: true}, func(p *paper) *string { return &p.template }),
	})
	c.Columns, c.rows = cols, store{rows.length, rows.cell, func(it *Item, _ []int, cells [][]string) {
		it.Papers = nil
		for _, r := range cells {
			if it.Papers == nil {
				it.Papers = map[string]string{}
			}
			it.Papers[r[0]] = r[1]
		}
	}}
	return c
}

func investmentChild() Child {
	c := Child{Key: "investment", Chinese: "投资负面清单", English: "Investment negative list", Pointer: "/investment", Public: true, Name: "field"}
	c.Columns, c.rows = single(func(it *Item) **Investment { return &it.Investment }, []column[Investment]{
		textCol(Column{Key: "field", Chinese: "领域", English: "Field", Required: true}, func(x *Investment) *string { return &x.Field }),
		textCol(Column{Key: "level", Chinese: "管理措施", English: "Measure", Kind: KindCode, List: "investment", Required: true}, func(x *Investment) *string { return &x.Level }),
		textCol(Column{Key: "note", Chinese: "措施描述", English: "Note", Kind: KindLong}, func(x *Investment) *string { return &x.Note }),
		textCol(Column{Key: "basis", Chinese: "措施依据", English: "Basis"}, func(x *Investment) *string { return &x.Basis }),
	})
	return c
}

func fundChild() Child {
	c := Child{Key: "fund", Chinese: "专项资金", English: "Special fund", Pointer: "/fund", Public: true, Name: "name"}
	c.Columns, c.rows = single(func(it *Item) **Fund { return &it.Fund }, []column[Fund]{
		textCol(Column{Key: "name", Chinese: "资金名称", English: "Fund", Required: true}, func(x *Fund) *string { return &x.Name }),
		moneyCol(Column{Key: "budget", Chinese: "预算金额（元）", English: "Budget in yuan"}, func(x *Fund) *int64 { return &x.BudgetFen }),
		numCol(Column{Key: "year", Chinese: "年度", English: "Year"}, func(x *Fund) *int { return &x.Year }),
		textCol(Column{Key: "who", Chinese: "支持对象", English: "Who is supported"}, func(x *Fund) *string { return &x.Who }),
		textCol(Column{Key: "manager", Chinese: "主管部门", English: "Managed by"}, func(x *Fund) *string { return &x.Manager }),
		textCol(Column{Key: "basis", Chinese: "设立依据", English: "Basis"}, func(x *Fund) *string { return &x.Basis }),
	})
	return c
}

// jsonCol is a structure that has no columns of its own, as JSON.
func jsonCol[T, V any](c Column, at func(*T) *V) column[T] {
	c.Kind = KindLong
	return column[T]{c, func(x *T) string {
		b, err := json.Marshal(at(x))
		if s := string(b); err == nil && s != "null" && s != "[]" {
			return s
		}
		return ""
	}, func(x *T, v string) {
		if v != "" {
			_ = json.Unmarshal([]byte(v), at(x))
		}
	}}
}

// single makes a slice of what is there once or not at all.
func single[T any](at func(it *Item) **T, cols []column[T]) ([]Column, store) {
	rows := func(it *Item) []*T {
		if x := *at(it); x != nil {
			return []*T{x}
		}
		return nil
	}
	plain := make([]Column, len(cols))
	for i, c := range cols {
		plain[i] = c.Column
	}
	return plain, store{
		length: func(it *Item) int { return len(rows(it)) },
		cell:   func(it *Item, row, col int) string { return cols[col].get(rows(it)[row]) },
		set: func(it *Item, given []int, cells [][]string) {
			*at(it) = nil
			if len(cells) == 0 {
				return
			}
			x := new(T)
			for _, n := range given {
				cols[n].set(x, cells[0][n])
			}
			*at(it) = x
		},
	}
}
