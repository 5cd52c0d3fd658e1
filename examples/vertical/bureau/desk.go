package bureau

import (
	"html/template"
	"net/http"
	"slices"
)

// line is a case as the desk shows it.
type line struct {
	CaseID, CaseNo, Item, Applicant, State string
	Acts                                   []string
}

var names = map[string]string{
	"submitted": "待收件", "received": "已收件", "accepted": "审查中", "correction": "待补正", "refused": "不予受理", "suspended": "特别程序中", "decided": "已决定", "delivered": "已送达", "withdrawn": "已撤回",
}

var actNames = map[string]string{
	"received": "收件", "accepted": "受理", "refused": "不予受理", "suspended": "启动专家评审", "resumed": "评审结束", "decided": "准予", "delivered": "送达",
}

// desk is the officers' page. A real system asks them to sign in first.
func (s *Server) desk(w http.ResponseWriter, r *http.Request) {
	rows, err := s.db.QueryContext(r.Context(), `SELECT case_id, case_no, item, applicant, state FROM file ORDER BY came DESC LIMIT 100`)
	if err != nil {
		http.Error(w, "database", http.StatusInternalServerError)
		return
	}
	defer rows.Close()
	var out []line
	for rows.Next() {
		var l line
		if err := rows.Scan(&l.CaseID, &l.CaseNo, &l.Item, &l.Applicant, &l.State); err != nil {
			http.Error(w, "database", http.StatusInternalServerError)
			return
		}
		for k := range actNames {
			if slices.Contains(after[k].from, l.State) {
				l.Acts = append(l.Acts, k)
			}
		}
		slices.Sort(l.Acts)
		out = append(out, l)
	}
	if rows.Err() != nil {
		http.Error(w, "database", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_ = page.Execute(w, out) // a browser that went away cannot be told
}

// said is what goes with each act of the page.
var said = map[string]map[string]any{
	"refused":   {"ground": "not_needed", "reason": "该事项不需要申请"},
	"suspended": {"ground": "expert_review", "n": 5, "unit": "workday", "reason": "组织专家评审"},
	"resumed":   {"result": "专家评审通过"},
	"decided":   {"outcome": "grant"},
}

func (s *Server) act(w http.ResponseWriter, r *http.Request) {
	kind := r.PostFormValue("kind")
	if err := s.Do(r.Context(), r.PostFormValue("case"), Act{Kind: kind, By: "业务系统经办人", Data: said[kind]}); err != nil {
		http.Error(w, "这一步现在不能办理，请返回刷新后再试。", http.StatusConflict)
		return
	}
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

var page = template.Must(template.New("desk").Funcs(template.FuncMap{"state": func(s string) string { return names[s] }, "act": func(s string) string { return actNames[s] }}).Parse(
	`<!DOCTYPE html><html lang="zh-CN"><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>示例垂直业务系统</title><h1>示例垂直业务系统</h1>
{{range .}}<section><h2>{{.Item}}</h2><p>{{.CaseNo}}　{{.Applicant}}　<strong>{{state .State}}</strong></p>
<form method="post" action="/act"><input type="hidden" name="case" value="{{.CaseID}}">{{range .Acts}}<button name="kind" value="{{.}}">{{act .}}</button> {{end}}</form></section>
{{else}}<p>还没有收到办件。</p>{{end}}`))
