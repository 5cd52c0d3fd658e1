// Command genevents writes docs/events.md from the source: every type below internal/domain that has a method Topic is an event, its comment says what
// it means, its fields are what it holds. Run it from the repository's root:
//
//	go run ./docs/genevents > docs/events.md
package main

import (
	"bufio"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

func main() {
	root := "."
	if len(os.Args) > 1 {
		root = os.Args[1]
	}
	out := bufio.NewWriter(os.Stdout)
	if err := errors.Join(run(root, out), out.Flush()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// field is one field of an event, or the embedded type whose fields it has.
type field struct {
	name, typ, note string
	optional        bool
	embeds          string
}

type typ struct {
	doc    string
	fields []field // of a struct
	kind   string  // of a plain type: string, integer …
}

// room is one package's types and topics.
type room struct {
	types  map[string]typ
	topics map[string]string // type → topic
}

func run(root string, out io.Writer) error {
	rooms, err := read(filepath.Join(root, "internal", "domain"))
	if err != nil {
		return err
	}
	hooks := filepath.Join(root, "internal", "domain", "webhook", "catalogue.go")
	withheld, err := listIn(hooks, "withheld")
	if err != nil {
		return err
	}
	untold, err := listIn(hooks, "untold")
	if err != nil {
		return err
	}
	words, err := texts(filepath.Join(root, "internal", "base", "i18n", "texts", "webhook.zh-CN.json"))
	if err != nil {
		return err
	}
	c := catalogue{rooms, withheld, untold, words}
	_, err = io.WriteString(out, c.markdown())
	return err
}

// read parses every package below a folder.
func read(dir string) (map[string]*room, error) {
	rooms := map[string]*room{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") || strings.HasSuffix(path, "_templ.go") {
			return err
		}
		f, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ParseComments)
		if err != nil {
			return err
		}
		at := filepath.Dir(path)
		if rooms[at] == nil {
			rooms[at] = &room{types: map[string]typ{}, topics: map[string]string{}}
		}
		rooms[at].add(f)
		return nil
	})
	return rooms, err
}

func (r *room) add(f *ast.File) {
	for _, d := range f.Decls {
		switch d := d.(type) {
		case *ast.GenDecl:
			for _, s := range d.Specs {
				if ts, ok := s.(*ast.TypeSpec); ok {
					doc := ts.Doc
					if doc == nil {
						doc = d.Doc
					}
					r.types[ts.Name.Name] = typeOf(ts, strings.Join(strings.Fields(doc.Text()), " "))
				}
			}
		case *ast.FuncDecl:
			if name, topic, ok := topicOf(d); ok {
				r.topics[name] = topic
			}
		}
	}
}

// topicOf reads func (X) Topic() string { return "…" }.
func topicOf(d *ast.FuncDecl) (name, topic string, ok bool) {
	if d.Name.Name != "Topic" || d.Recv == nil || d.Body == nil || len(d.Body.List) != 1 {
		return "", "", false
	}
	ret, isReturn := d.Body.List[0].(*ast.ReturnStmt)
	recv, isName := d.Recv.List[0].Type.(*ast.Ident)
	if !isReturn || !isName || len(ret.Results) != 1 {
		return "", "", false
	}
	lit, isLit := ret.Results[0].(*ast.BasicLit)
	if !isLit || lit.Kind != token.STRING {
		return "", "", false
	}
	topic, err := strconv.Unquote(lit.Value)
	return recv.Name, topic, err == nil
}

func typeOf(ts *ast.TypeSpec, doc string) typ {
	t := typ{doc: doc}
	st, ok := ts.Type.(*ast.StructType)
	if !ok {
		t.kind = kindOf(ts.Type)
		return t
	}
	for _, f := range st.Fields.List {
		base := field{typ: kindOf(f.Type), note: strings.Join(strings.Fields(cmp.Or(f.Comment.Text(), f.Doc.Text())), " ")}
		tag := ""
		if f.Tag != nil {
			raw, _ := strconv.Unquote(f.Tag.Value) //nolint:errcheck // the compiler has read it
			tag = reflect.StructTag(raw).Get("json")
		}
		name, opts, _ := strings.Cut(tag, ",")
		if base.optional = strings.Contains(opts, "omit"); name == "-" {
			continue
		}
		if len(f.Names) == 0 {
			if id, ok := f.Type.(*ast.Ident); ok {
				base.embeds = id.Name
				t.fields = append(t.fields, base)
			}
		}
		for _, n := range f.Names {
			if n.IsExported() {
				x := base
				x.name = cmp.Or(name, n.Name)
				t.fields = append(t.fields, x)
			}
		}
	}
	return t
}

// kindOf is how JSON writes a type; a name of the package stays a name.
func kindOf(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		switch {
		case e.Name == "bool":
			return "boolean"
		case strings.HasPrefix(e.Name, "int"), strings.HasPrefix(e.Name, "uint"):
			return "integer"
		case strings.HasPrefix(e.Name, "float"):
			return "number"
		}
		return e.Name
	case *ast.SelectorExpr:
		if p, ok := e.X.(*ast.Ident); ok && p.Name == "time" {
			return map[string]string{"Time": "time", "Duration": "duration"}[e.Sel.Name]
		}
		return "string" // names of states and kinds of other packages
	case *ast.StarExpr:
		return kindOf(e.X)
	case *ast.ArrayType:
		return "list of " + kindOf(e.Elt)
	}
	return "object"
}

// listIn reads a variable that is a list of strings.
func listIn(path, name string) ([]string, error) {
	f, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
	if err != nil {
		return nil, err
	}
	var out []string
	ast.Inspect(f, func(n ast.Node) bool {
		v, ok := n.(*ast.ValueSpec)
		if !ok || v.Names[0].Name != name || len(v.Values) != 1 {
			return true
		}
		if list, ok := v.Values[0].(*ast.CompositeLit); ok {
			for _, e := range list.Elts {
				if lit, ok := e.(*ast.BasicLit); ok {
					s, _ := strconv.Unquote(lit.Value) //nolint:errcheck // the compiler has read it
					out = append(out, s)
				}
			}
		}
		return false
	})
	if len(out) == 0 {
		return nil, fmt.Errorf("%s: no list %s", path, name)
	}
	return out, nil
}

func texts(path string) (map[string]string, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var m map[string]string
	return m, json.Unmarshal(b, &m)
}

type catalogue struct {
	rooms            map[string]*room
	withheld, untold []string
	words            map[string]string
}

type event struct {
	topic, doc string
	fields     []field
}

// events lists every topic once: a room that hears of another's event may have a type of its own for it, but the teller's counts.
func (c catalogue) events() []event {
	found := map[string]event{}
	for _, dir := range slices.Sorted(maps.Keys(c.rooms)) {
		r := c.rooms[dir]
		for name, topic := range r.topics {
			teller, _, _ := strings.Cut(topic, ".")
			if _, had := found[topic]; had && filepath.Base(dir) != teller {
				continue
			}
			t := r.types[name]
			doc := strings.TrimPrefix(t.doc, name+" ")
			if doc != "" {
				doc = strings.ToUpper(doc[:1]) + doc[1:]
			}
			found[topic] = event{topic, doc, r.fieldsOf(t)}
		}
	}
	return slices.SortedFunc(maps.Values(found), func(a, b event) int { return cmp.Compare(a.topic, b.topic) })
}

func (r *room) fieldsOf(t typ) (out []field) {
	for _, f := range t.fields {
		if f.embeds != "" {
			out = append(out, r.fieldsOf(r.types[f.embeds])...)
			continue
		}
		if k := r.types[f.typ].kind; k != "" {
			f.typ = k
		} else if len(r.types[f.typ].fields) > 0 {
			f.typ = "object"
		}
		out = append(out, f)
	}
	return out
}

func (c catalogue) sent(topic string) bool {
	return strings.HasPrefix(topic, "cases.") && !slices.Contains(c.untold, topic)
}

func (c catalogue) markdown() string {
	var b strings.Builder
	b.WriteString(head)
	all := c.events()
	b.WriteString("## 可以订阅的事件 Events that webhooks send\n\n")
	for _, e := range all {
		if !c.sent(e.topic) {
			continue
		}
		word := c.words["webhook.topic_"+strings.TrimPrefix(e.topic, "cases.")]
		fmt.Fprintf(&b, "### `%s`\n\n", e.topic)
		if word != "" {
			b.WriteString(word + "。")
		}
		b.WriteString(e.doc + "\n\n")
		c.table(&b, e, true)
	}
	b.WriteString("## Events inside the platform\n\nRooms tell each other these; they are never sent outside. The first part of the name is the room. Those above are told here, too, with all their fields.\n\n")
	for _, e := range all {
		if c.sent(e.topic) {
			continue
		}
		fmt.Fprintf(&b, "### `%s`\n\n%s\n\n", e.topic, e.doc)
		c.table(&b, e, false)
	}
	return strings.TrimRight(b.String(), "\n") + "\n"
}

func (c catalogue) table(b *strings.Builder, e event, outside bool) {
	rows := 0
	for _, f := range e.fields {
		if outside && slices.Contains(c.withheld, f.name) {
			continue
		}
		if rows++; rows == 1 {
			b.WriteString("| field | type | |\n|---|---|---|\n")
		}
		name, kind, note := f.name, f.typ, f.note
		switch {
		case kind == "duration" && outside:
			name, kind, note = name+"_ms", "integer", "milliseconds; "+note
		case kind == "duration":
			kind = "integer, nanoseconds"
		}
		if f.optional {
			note = strings.TrimSuffix("left out when empty; "+note, "; ")
		}
		fmt.Fprintf(b, "| `%s` | %s | %s |\n", name, kind, strings.ReplaceAll(strings.TrimSuffix(note, "; "), "|", "\\|"))
	}
	if rows > 0 {
		b.WriteString("\n")
	}
}

const head = `# 事件目录 Events

Generated from the event types of the program; make it anew with

` + "```" + `
go run ./docs/genevents > docs/events.md
` + "```" + `

A test compares this page with the program, so it cannot fall behind.

## 消息格式 Messages

部门业务系统在 ` + "`/admin/webhooks`" + ` 或 ` + "`/api/v1/webhooks`" + ` 登记接收地址后，所属部门办件的每个事件都以 HTTPS POST 送达。消息只含编号、状态和日期，不含当事人和经办人。
详情用 ` + "`GET /api/v1/cases/{id}`" + ` 查询，按查询者自己的权限。可以直接运行的接收程序在 [examples/receiver](../examples/receiver/README.md)。

Every event of a case is one POST with a JSON body in the form of CloudEvents 1.0:

` + "```json" + `
{
  "specversion": "1.0",
  "id": "0199b1c2-7a30-7c55-9d0e-5f0a4c1be001",
  "source": "https://zwfw.example.gov.cn/api/v1/cases",
  "type": "cases.accepted",
  "subject": "0199b1c2-6f11-7e02-8a4d-1be001c25f0a",
  "time": "2026-03-02T01:00:00Z",
  "datacontenttype": "application/json",
  "data": {"case_id": "0199b1c2-6f11-7e02-8a4d-1be001c25f0a", "case_no": "…", "item": "food-licence-new", "agency": "market", "region": "580102", "at": "2026-03-02T01:00:00Z", "state": "accepted", "due": "2026-03-09T15:59:59Z"}
}
` + "```" + `

| | |
|---|---|
| ` + "`id`" + ` | the event's; the same in every attempt and replay. Ids sort in the order in which events happened |
| ` + "`subject`" + ` | the case |
| ` + "`time`" + ` | when it happened, UTC |
| ` + "`data`" + ` | the fields of the topic, below. New ones may be added; ignore what you do not know |

**签名 Signature.** [Standard Webhooks](https://www.standardwebhooks.com/) 1.0.0: headers ` + "`webhook-id`" + `, ` + "`webhook-timestamp`" + ` (Unix seconds), ` + "`webhook-signature`" + `. A signature is
` + "`v1,`" + ` and the base64 of HMAC-SHA256, keyed with the base64-decoded part of the secret after ` + "`whsec_`" + `, over ` + "`id.timestamp.body`" + ` with the body byte for byte. While a secret is being changed there
are two, separated by a space: one that fits is enough. Refuse timestamps more than five minutes off.

**回答 Answer** any 2xx within ten seconds, before you work on the message. Redirects are not followed. Anything else is tried again after 5 s, 30 s, 2 min, 10 min, 30 min, 1 h, 2 h, 4 h and then every 6 h
(each up to a fifth more or less) for three days, then parked; people see it on the page and may send it again.

**至少一次，每个办件按顺序 At least once, in order for each case.** Drop repeats by ` + "`webhook-id`" + `. The next event of a case is sent only when the one before it was taken or parked; different cases overtake each
other. A target that fails ten times in a row is paused and only probed, first after a minute, later every half hour; the first success lets everything go on. Replays begin at a time of your choice, up to 90 days back.

**地址 Address.** https, port 443 or above 1023. Names are resolved at every connection, and addresses inside the network are refused unless the operators allow their network in the setting ` + "`webhooks.allow`" + `.

`
