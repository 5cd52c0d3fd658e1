package designweb_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"testing"

	"tongban/internal/base/authz"
	"tongban/internal/base/webtest"
	"tongban/internal/domain/design"
	"tongban/internal/domain/design/designweb"
)

func TestEveryRouteAsksForAPermission(t *testing.T) {
	k := open(t)
	at := k.begin()
	id := k.id(at)
	for _, r := range k.site.Routes() {
		path := strings.NewReplacer("{id}", id, "{group}", "kind", "{child}", "materials", "{row}", "new", "{key}", "none", "{act}", "drop").Replace(r.Path)
		for _, role := range authz.Roles {
			if authz.May(role, r.Perm) {
				continue
			}
			k.as(authz.Actor{StaffID: "x", AgencyID: "market", Roles: []authz.Role{role}})
			k.Send(r.Method, path, "application/x-www-form-urlencoded", strings.NewReader(""), http.StatusForbidden)
		}
		// The item office of another agency: the change does not exist.
		if strings.Contains(r.Path, "{id}") {
			k.as(civil)
			if status := k.status(r.Method, path); status != 404 && status != 403 {
				t.Errorf("%s %s: another agency gets %d", r.Method, r.Path, status)
			}
		}
	}
	k.as(civil)
	k.Get("/office/changes", 200).Lacks("养犬登记")
}

func TestPagesOpenInBothLanguages(t *testing.T) {
	k := open(t)
	at := k.begin()
	for _, lang := range []string{"zh-CN", "en"} {
		k.Lang = lang
		for _, who := range []authz.Actor{market, bureau, lawyer} {
			k.as(who)
			for _, path := range []string{
				"/office/changes", "/office/changes?state=draft&mine=1", at, at + "/item/kind", at + "/item/handling?check=1", at + "/item/place", at + "/item/legal", at + "/item/result",
				at + "/item/code", at + "/item/other", at + "/rows/materials", at + "/rows/materials/new", at + "/rows/fees/new", at + "/rows/bases/new", at + "/rows/faq/new", at + "/rows/checks/new",
				at + "/samples", at + "/check", at + "/review", at + "/source?path=items/dog-registration.yaml",
			} {
				k.Get(path, 200)
			}
		}
		k.as(market).Get("/office/changes/new?item=food-licence-renewal", 200)
		k.as(market).Get(at+"/item/none", 404)
		k.as(market).Get(at+"/rows/none", 404)
	}
}

func TestANewItemIsFilledInAndPublished(t *testing.T) {
	k := open(t)
	at := k.begin()
	k.Get(at, 200).Wants("养犬登记（个人）", "事项要素", "申请材料", "检查", "草稿")
	k.Get(at+"/check", 200).Wants("检查发现")
	// The elements: what cannot be a value comes back beside its question, the rest is saved.
	p := k.Get(at+"/item/kind", 200)
	p = p.Submit("form[data-autosave]", url.Values{"short": {"给家里的狗上户口"}, "audience": {"1"}, "item_type": {"07"}}, 200).Wants("已保存")
	if got := p.Find("input[name=short]").AttrOr("value", ""); got != "给家里的狗上户口" {
		t.Errorf("saved: %q", got)
	}
	// A material with a condition: the question first, then its answers.
	p = k.Get(at+"/rows/materials/new", 200)
	p = p.Submit("main form", url.Values{"name": {"监护人同意书"}, "required": {"yes"}, "source": {"self"}, "medium": {"paper"}, "copies": {"1"}, "accept": {"有签名"}, "when.0.field": {"applicant.age"}}, 422)
	p = p.Submit("main form", url.Values{"when.0.op": {"lt"}, "when.0.value": {"十八"}}, 422).Wants("答案要填数字")
	k2 := p.Submit("main form", url.Values{"when.0.value": {"18"}}, 200).Wants("监护人同意书", "“申请人的年龄” 小于 18").Lacks("applicant.age")
	_ = k2
	it, _, err := k.design.MainItem(t.Context(), market, k.id(at))
	if err != nil || len(it.Materials) != 1 || it.Materials[0].When.String() == "" || it.Materials[0].Key == "" {
		t.Fatalf("material: %+v %v", it.Materials, err)
	}
	// The rest of the service comes from files, as designers write them.
	k.fill(at)
	k.Get(at+"/check", 200).Wants("检查没有发现问题")
	k.as(lawyer).Get(at+"/review", 200).Wants("等起草人改好后送审").Lacks("/send\"")
	k.as(market).Get(at+"/review", 200).Wants("食品许可决定岗").Submit("main form[action$='/send']", nil, 200)
	k.as(market).Get(at+"/review", 200).Wants("等另一位事项管理员复核")
	k.as(bureau).Get(at+"/review", 200).Submit("main form[action$='/second']", url.Values{"_act": {"refuse"}}, 422).Wants("请写明理由")
	k.as(bureau).Get(at+"/review", 200).Submit("main form[action$='/second']", url.Values{"_act": {"pass"}}, 200)
	k.as(lawyer).Get(at+"/review", 200).Submit("main form[action$='/legal']", url.Values{"_act": {"pass"}, "reason": {"依据有效"}}, 200)
	k.as(market).Get(at+"/review", 200).Submit("main form[action$='/publish']", url.Values{"_act": {"schedule"}, "date.y": {"2026"}, "date.m": {"3"}, "date.d": {"1"}, "time": {"00:00"}}, 422).Wants("发布时间要在现在之后")
	k.as(market).Get(at+"/review", 200).Submit("main form[action$='/publish']", url.Values{"_act": {"schedule"}, "date.y": {"2026"}, "date.m": {"3"}, "date.d": {"9"}, "time": {"00:00"}}, 200).Wants("已定时发布")
	k.as(market).Get(at+"/review", 200).Submit("main form[action$='/publish']", url.Values{"_act": {"publish"}}, 200).Wants("已发布", "法制审核通过", "依据有效")
	if it, err := k.catalog.Item(t.Context(), "dog-registration"); err != nil || !it.Applicable() {
		t.Errorf("published: %v", err)
	}
	k.as(market).Get(at+"/item/kind", 200).Lacks("data-autosave")
	zip := k.as(market).Get(at+"/export", 200)
	if !strings.HasPrefix(string(zip.Raw), "PK") {
		t.Error("no archive")
	}
	k.Upload("/office/changes/import", nil, "folder", "dog.zip", zip.Raw, 422).Wants("完全一样")
	k.Upload("/office/changes/import", nil, "folder", "dog.zip", []byte("PK none"), 422).Wants("压缩包打不开")
}

// fill writes the rest of a whole service.
func (k *office) fill(at string) {
	k.t.Helper()
	for _, path := range []string{"items/dog-registration.yaml", "forms/dog.yaml", "flows/dog.yaml", "papers/grant-dog.yaml", "licence-types/dog-permit.yaml", "files/dog-permit-sample.txt"} {
		text, err := os.ReadFile("../testdata/dog/" + path)
		if err != nil {
			k.t.Fatal(err)
		}
		rev := 0
		if f, err := k.design.Read(k.t.Context(), market, k.id(at), path); err == nil {
			rev = f.Rev
		}
		if _, err := k.design.Write(k.t.Context(), market, k.id(at), path, rev, text); err != nil {
			k.t.Fatal(path, err)
		}
	}
}

func TestTwoEditorsOfOneGroup(t *testing.T) {
	k := open(t)
	at := k.begin()
	mine := k.Get(at+"/item/kind", 200)
	theirs := k.as(bureau).Get(at+"/item/kind", 200)
	theirs.Submit("form[data-autosave]", url.Values{"short": {"养狗先登记"}}, 200)
	k.as(market)
	p := mine.Submit("form[data-autosave]", url.Values{"short": {"给狗上户口"}}, 409).Wants("养狗先登记", "给狗上户口", "您填的内容都在")
	p.Submit("form[data-autosave]", nil, 200)
	it, _, _ := k.design.MainItem(t.Context(), market, k.id(at))
	if it.Short != "给狗上户口" {
		t.Errorf("saved again: %q", it.Short)
	}
	// Saving by itself answers with the revision, or with 409.
	_, form := k.Get(at+"/item/kind", 200).Form("form[data-autosave]")
	form.Set("short", "狗证")
	var answer struct {
		Version int `json:"version"`
	}
	saved := k.Send("POST", at+"/item/kind", "application/x-www-form-urlencoded", strings.NewReader(form.Encode()), 200, "X-Autosave", "1")
	if err := json.Unmarshal(saved.Raw, &answer); err != nil || strconv.Itoa(answer.Version) == form.Get("_v") {
		t.Errorf("autosave: %s %v", saved.Raw, err)
	}
	k.Send("POST", at+"/item/kind", "application/x-www-form-urlencoded", strings.NewReader(strings.Replace(form.Encode(), "short", "shorter", 1)), 409, "X-Autosave", "1")
}

func TestTheDataOfADesigner(t *testing.T) {
	k := open(t)
	at := k.begin()
	k.Get(at, 200).Submit("#add-forms form", nil, 200)
	type answer struct {
		Definition json.RawMessage `json:"definition"`
		Rev        int             `json:"rev"`
		Problems   []struct{ Path, Key, Text string }
		Theirs     json.RawMessage `json:"theirs"`
		By         string          `json:"by"`
	}
	read := func(text []byte) (a answer) {
		if err := json.Unmarshal(text, &a); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		return a
	}
	data := at + "/forms/dog_registration/data"
	first := read([]byte(k.Get(at+"/forms/dog_registration", 200).Find("script#design-data").Text()))
	if first.Rev != 1 || !strings.Contains(string(first.Definition), `"dog_registration"`) {
		t.Fatalf("first: %+v", first)
	}
	body := `{"rev":1,"definition":{"key":"dog_registration","title":"养犬登记申请表","sections":[{"key":"main","title":"狗","fields":[{"key":"dog_name","kind":"text","label":"狗的名字","term":"dog.name","when":{"field":"gone","op":"eq","value":"1"}}]}]}}`
	next := read(k.json("POST", data, body, 200).Raw)
	if next.Rev != 2 || len(next.Problems) != 1 || next.Problems[0].Path != "/sections/0/fields/0/when/field" && !strings.HasPrefix(next.Problems[0].Path, "/sections/0/fields/0/when") || next.Problems[0].Text == "" {
		t.Errorf("a condition that names a field that is not there: %+v", next)
	}
	clash := read(k.json("POST", data, strings.Replace(body, "申请表", "申请书", 1), 409).Raw)
	if clash.Rev != 2 || !strings.Contains(string(clash.Theirs), "申请表") || clash.By == "" {
		t.Errorf("the second designer: %+v", clash)
	}
	k.json("POST", data, `{"rev":2,"definition":{"key":"dog_registration","colour":1}}`, 422)
	k.json("POST", data, `{"rev":2,"definition":{"key":"other","title":"x","sections":[]}}`, 422)
	k.json("POST", at+"/flows/none/data", `{"rev":0,"definition":{"key":"none","name":"流程","steps":[]}}`, 200)
	k.Get(at+"/tables/none", 404)
	k.as(lawyer).json("POST", data, body, 403)
	// Sent meanwhile: the designer that is still open is told so, and may come back to it.
	k.as(market)
	if err := k.design.Drop(t.Context(), market, k.id(at)); err != nil {
		t.Fatal(err)
	}
	var no struct {
		Code, Detail string
		Theirs       json.RawMessage
	}
	if err := json.Unmarshal(k.Send("POST", data, "application/json", strings.NewReader(strings.Replace(body, `"rev":1`, `"rev":2`, 1)), 409, "X-Autosave", "1").Raw, &no); err != nil || no.Theirs != nil || !strings.Contains(no.Detail, "不是草稿") {
		t.Errorf("a closed change: %+v %v", no, err)
	}
	k.as(authz.Actor{}).json("POST", data, body, 401)
}

func TestNewDefinitionsBeginWithALawfulText(t *testing.T) {
	k := open(t)
	at := k.begin()
	p := k.Get(at+"/item/kind", 200)
	p.Submit("form[data-autosave]", url.Values{"audience": {"1"}}, 200)
	if err := k.design.Add(t.Context(), market, k.id(at), design.LicenceFile, "dog-registration", ""); err != nil {
		t.Fatal(err)
	}
	for _, kind := range []string{"forms", "flows", "papers", "tables"} {
		k.Get(at, 200).Submit("#add-"+kind+" form", nil, 200)
	}
	k.Get(at, 200).Submit("#add-papers form", url.Values{"act": {"refuse"}, "key": {"refuse-dog"}}, 200)
	k.Get(at, 200).Submit("#add-papers form", url.Values{"act": {"refuse"}, "key": {"Refuse Dog"}}, 422).Wants("文书模板标识")
	it, _, err := k.design.MainItem(t.Context(), market, k.id(at))
	if err != nil || it.Form != "dog_registration" || it.Flow != "dog_registration" || it.Papers["grant"] != "grant-dog-registration" || it.Papers["refuse"] != "refuse-dog" || it.Result.LicenceType != "dog-registration" || len(it.Tables) != 1 {
		t.Errorf("named: %+v %v", it, err)
	}
	ps, err := k.design.Check(t.Context(), market, k.id(at))
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range ps {
		if kind, _ := design.KindOf(x.File); kind == design.PaperFile || kind == design.LicenceFile {
			t.Errorf("%s %s: %s %v", x.File, x.Pointer, x.Key, x.Params)
		}
	}
}

func TestSamples(t *testing.T) {
	k := open(t)
	at := k.begin()
	k.Upload(at+"/samples", nil, "file", `C:\文档\空 表.txt`, []byte("姓名："), 200).Wants("空-表.txt")
	k.Upload(at+"/samples", nil, "file", "big.pdf", make([]byte, 3<<20), 413)
	if p := k.Get(at+"/sample?path="+url.QueryEscape("files/空-表.txt"), 200); string(p.Raw) != "姓名：" {
		t.Errorf("downloaded: %q", p.Raw)
	}
	k.Get(at+"/sample?path=items/dog-registration.yaml", 404)
	k.Get(at+"/rows/materials/new", 200).Wants("空-表.txt")
	if k.Get(at+"/item/result", 200).Find("select[name=result_sample] option[value='files/空-表.txt']").Length() != 1 {
		t.Error("the sample of the result is not picked from the files")
	}
	k.Get(at+"/samples", 200).Submit("form[action$='/drop']", nil, 200).Lacks("空-表.txt")
}

func TestAChangeWithoutDifferenceIsNotOfferedToBeSent(t *testing.T) {
	k := open(t)
	p := k.Get("/office/changes/new?item=food-licence-renewal", 200).Submit("form[action='/office/changes']", nil, 200)
	at := p.URL.Path
	p.Wants("还没有改动，改了以后才能送审")
	if p := k.Get(at+"/review", 200).Wants("还没有改动", "作废"); p.Find("form[action$='/send']").Length() != 0 || p.Find("form[action$='/drop']").Length() != 1 {
		t.Error("it can be sent, or cannot be dropped")
	}
	k.Get(at+"/check", 200).Wants("没有差别").Lacks("可以送审了")
	k.Send("POST", at+"/send", "application/x-www-form-urlencoded", strings.NewReader(""), 409).Wants("没有差别，不能送审")
	k.Get(at+"/item/kind", 200).Submit("form[data-autosave]", url.Values{"short": {"食品证延期"}}, 200)
	k.Get(at+"/review", 200).Wants("食品证延期").Submit("main form[action$='/send']", nil, 200)
}

func TestAReviewerReadsWhatAChangeOfStateDecides(t *testing.T) {
	k := open(t)
	it, err := k.catalog.Item(t.Context(), "food-licence-renewal")
	if err != nil {
		t.Fatal(err)
	}
	begin := func(act, instead string) string {
		p := k.as(market).Get("/office/changes/new?item="+it.Key, 200)
		return p.Submit("form[action='/office/changes']", url.Values{"act": {act}, "reason": {"按通知要求调整"}, "instead": {instead}, "title": {"调整"}}, 200).URL.Path
	}
	for act, wants := range map[string][]string{
		"suspend": {"暂停办理", "恢复办理以前不能提交", "照常办理"}, "cancel": {"取消事项", "不能再提交", "照常办理", "证照都保留"},
	} {
		at := begin(act, "")
		k.Get(at+"/review", 200).Submit("main form[action$='/send']", nil, 200)
		p := k.as(bureau).Get(at+"/review", 200).Wants(append(wants, it.Name, "在用", "从发布的时候起", "按通知要求调整")...)
		p.Lacks("没有内容变化", it.Key)
		p.Submit("main form[action$='/second']", url.Values{"_act": {"pass"}}, 200)
		k.as(lawyer).Get(at+"/review", 200).Wants(wants...).Submit("main form[action$='/legal']", url.Values{"_act": {"pass"}}, 200)
	}
	k.as(market).Get("/office/changes/new?item="+it.Key, 200).Submit("form[action='/office/changes']", url.Values{"act": {"resume"}, "reason": {"升级完成"}}, 409).Wants("不需要恢复")
}

// mark is the word beside a task of the overview.
func mark(p *webtest.Page, task string) string {
	for _, li := range p.Find("ul.tasks > li").EachIter() {
		if strings.HasPrefix(strings.TrimSpace(li.Find(".task-text").Text()), task) {
			return strings.TrimSpace(li.Find(".tag").Text())
		}
	}
	return "no such task"
}

// The marks of the overview agree with the state of the change, and call nothing unfinished that is not needed.
func TestTheOverviewSaysWhereAChangeStands(t *testing.T) {
	k := open(t)
	at := k.begin()
	p := k.Get(at, 200)
	for task, want := range map[string]string{"事项要素": "需更正", "情形": "选填", "规则与测试": "选填", "检查": "需更正", "送审和发布": "待送审", "样表和空表": "选填"} {
		if got := mark(p, task); got != want {
			t.Errorf("a draft, %s: %s, want %s", task, got, want)
		}
	}
	k.fill(at)
	p = k.Get(at, 200)
	for task, want := range map[string]string{"事项要素": "已完成", "申请表": "已完成", "规则与测试": "选填", "检查": "已完成", "样表和空表": "已完成"} {
		if got := mark(p, task); got != want {
			t.Errorf("a whole draft, %s: %s, want %s", task, got, want)
		}
	}
	// Names, not keys, of what it belongs to.
	if got := p.Find("dl").First().Text(); !strings.Contains(got, "养犬登记（个人）") || strings.Contains(got, "dog-registration") {
		t.Errorf("facts: %s", got)
	}
	id := k.id(at)
	for _, step := range []struct {
		do   func() error
		want string
	}{
		{func() error { return k.design.Submit(t.Context(), market, id) }, "待复核"},
		{func() error { return k.design.Second(t.Context(), bureau, id, "") }, "待法制审核"},
		{func() error { return k.design.Legal(t.Context(), lawyer, id, "") }, "已通过，待发布"},
		{func() error { return k.design.Schedule(t.Context(), market, id, designweb.Clock().AddDate(0, 0, 3)) }, "已定时发布"},
		{func() error { return k.design.Publish(t.Context(), market, id) }, "已发布"},
	} {
		if err := step.do(); err != nil {
			t.Fatal(step.want, err)
		}
		p := k.Get(at, 200)
		if got := mark(p, "送审和发布"); got != step.want {
			t.Errorf("%s: %s", step.want, got)
		}
		if got := mark(p, "规则与测试"); got != "不需要" {
			t.Errorf("%s: rule tables are %s", step.want, got)
		}
	}
}

// A card of a row has no label without something behind it; a closed change has neither hints nor acts.
func TestRowsOfAClosedChange(t *testing.T) {
	k := open(t)
	at := k.begin()
	k.fill(at)
	filled := func(status string) {
		for _, td := range k.Get(at+"/rows/bases", 200).Find("main tbody td[data-label]").EachIter() {
			if strings.TrimSpace(td.Text()) == "" {
				t.Errorf("%s: nothing behind %s", status, td.AttrOr("data-label", ""))
			}
		}
	}
	filled("open")
	if err := k.design.Drop(t.Context(), market, k.id(at)); err != nil {
		t.Fatal(err)
	}
	filled("closed")
	for _, th := range k.Get(at+"/rows/bases", 200).Find("main thead th").EachIter() {
		if x := strings.TrimSpace(th.Text()); x == "提醒" || x == "操作" {
			t.Errorf("a closed change has a column %s", x)
		}
	}
}

// Who begins a change reads of which item, and is offered what its state allows.
func TestANewChangeNamesItsItem(t *testing.T) {
	k := open(t)
	it, err := k.catalog.Item(t.Context(), "food-licence-renewal")
	if err != nil {
		t.Fatal(err)
	}
	acts := func() (out string) {
		p := k.as(market).Get("/office/changes/new?item="+it.Key, 200).Wants("变更“" + it.Name + "”").Lacks("可以从空白新建事项")
		for _, x := range p.Find("input[name=act]").EachIter() {
			out += x.AttrOr("value", "") + " "
		}
		return out
	}
	if got := acts(); got != "publish suspend cancel " {
		t.Errorf("in use: %s", got)
	}
	p := k.Get("/office/changes/new?item="+it.Key, 200).Wants("在用").Submit("form[action='/office/changes']", url.Values{"act": {"suspend"}, "reason": {"系统升级"}}, 200)
	id := k.id(p.URL.Path)
	for _, err := range []error{k.design.Submit(t.Context(), market, id), k.design.Second(t.Context(), bureau, id, ""), k.design.Legal(t.Context(), lawyer, id, ""), k.design.Publish(t.Context(), market, id)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	if got := acts(); got != "publish resume cancel " {
		t.Errorf("suspended: %s", got)
	}
	k.Get("/office/changes/new?item=none", 404)
}

// Web code in a form, a flow or anywhere else is named by the check, with its place.
func TestWebCodeInAFormIsFound(t *testing.T) {
	k := open(t)
	at := k.begin()
	k.fill(at)
	f, err := k.design.Read(t.Context(), market, k.id(at), "forms/dog.yaml")
	if err != nil {
		t.Fatal(err)
	}
	bad := strings.Replace(string(f.Content), "label: ", "label: <script>alert(1)</script>", 1)
	if _, err := k.design.Write(t.Context(), market, k.id(at), f.Path, f.Rev, []byte(bad)); err != nil || bad == string(f.Content) {
		t.Fatal(err)
	}
	k.Get(at+"/check", 200).Wants("网页代码", "请删去代码", "› 名称")
	k.Send("POST", at+"/send", "application/x-www-form-urlencoded", strings.NewReader(""), 422)
}

func TestASuspensionAsksForAReason(t *testing.T) {
	k := open(t)
	p := k.Get("/office/changes/new?item=food-licence-renewal", 200)
	p = p.Submit("form[action='/office/changes']", url.Values{"act": {"suspend"}}, 422).Wants("请写明理由")
	p = p.Submit("form[action='/office/changes']", url.Values{"reason": {"系统升级"}}, 200).Wants("暂停办理", "系统升级")
	if c, err := k.design.Change(t.Context(), market, k.id(p.URL.Path)); err != nil || c.Act != design.Suspend {
		t.Errorf("%+v %v", c, err)
	}
	k.Get("/office/changes/new?item=food-licence-renewal", 200).Wants("还有没办完的变更")
}
