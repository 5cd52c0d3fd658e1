// Command genapi writes the API reference docs/api.md from the OpenAPI document of a running server. It owns no tables.
//
//	go run ./docs/genapi http://localhost:8080/api/openapi.json > docs/api.md
//
// Without an address it reads the document from standard input. Equal documents give equal text; the version of the server is left out.
package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"slices"
	"strings"
	"time"
)

func main() {
	if err := run(os.Args[1:], os.Stdin, os.Stdout); err != nil {
		_, _ = fmt.Fprintln(os.Stderr, "genapi:", err)
		os.Exit(1)
	}
}

func run(args []string, in io.Reader, out io.Writer) error {
	b, err := document(args, in)
	if err != nil {
		return err
	}
	var s spec
	if err := json.Unmarshal(b, &s); err != nil {
		return err
	}
	if len(s.Paths) == 0 {
		return fmt.Errorf("no paths in the document")
	}
	_, err = io.WriteString(out, s.markdown())
	return err
}

func document(args []string, in io.Reader) ([]byte, error) {
	if len(args) == 0 {
		return io.ReadAll(in)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, args[0], nil)
	if err != nil {
		return nil, err
	}
	res, err := (&http.Client{}).Do(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s: %s", args[0], res.Status)
	}
	return io.ReadAll(res.Body)
}

// spec is what of an OpenAPI document the reference shows.
type spec struct {
	Paths      map[string]map[string]operation `json:"paths"`
	Components struct {
		Schemas map[string]schema `json:"schemas"`
	} `json:"components"`
}

type operation struct {
	Summary, Description string
	Tags                 []string
	Security             []map[string][]string
	Parameters           []parameter
	RequestBody          *struct{ Content map[string]media } `json:"requestBody"`
	Responses            map[string]struct {
		Description string
		Content     map[string]media
	}
	Permission string `json:"x-permission"`
}

type parameter struct {
	Name, In, Description string
	Required              bool
	Schema                schema
}

type media struct{ Schema schema }

type schema struct {
	Ref                  string `json:"$ref"`
	Type                 any
	Format, Description  string
	Enum                 []any
	Default              any
	Items                *schema
	AdditionalProperties any `json:"additionalProperties"`
	Properties           map[string]schema
	Required             []string
	MinLength, MaxLength *int
	Minimum, Maximum     *float64
}

const head = `# API

Generated from the server's own OpenAPI 3.1 document, which every server offers at ` + "`/api/openapi.json`" + ` and, to read, at ` + "`/api`" + `. Make it anew while a demo runs:

` + "```" + `
go run ./docs/genapi http://localhost:8080/api/openapi.json > docs/api.md
` + "```" + `

A test compares this page with the program, so it cannot fall behind.

**Who calls.** A browser session (cookie), or a personal access token in ` + "`Authorization: Bearer …`" + `; tokens are made and revoked on the page ` + "`/my/tokens`" + `.
What a caller may do is what the person or post may do on the pages: another person's case is 404. Writes with a session cookie need the site's own ` + "`Origin`" + ` (or
` + "`Sec-Fetch-Site: same-origin`" + `), as every browser sends it; without either they are 403. A token needs neither.

**Errors** are RFC 9457 problems ([Problem](#problem)) in the language of ` + "`Accept-Language`" + ` (zh-CN or en); ` + "`errors`" + ` holds a JSON pointer for each field.
**Versions.** Drafts and cases carry a ` + "`version`" + `; a write names the version it saw and is 409 when somebody was faster.
**Repeats.** A write with an ` + "`Idempotency-Key`" + ` header takes effect once; repeats get the first answer.
**Pages.** Lists take ` + "`limit`" + ` and ` + "`after`" + ` and give ` + "`next`" + ` (null at the end).

`

func (s spec) markdown() string {
	var b strings.Builder
	b.WriteString(head)
	byTag := map[string][]string{}
	blocks := map[string]string{}
	for _, path := range slices.Sorted(maps.Keys(s.Paths)) {
		for _, method := range slices.SortedFunc(maps.Keys(s.Paths[path]), func(a, b string) int { return cmp.Compare(verb[a], verb[b]) }) {
			op := s.Paths[path][method]
			tag := "other"
			if len(op.Tags) > 0 {
				tag = op.Tags[0]
			}
			name := strings.ToUpper(method) + " " + path
			byTag[tag] = append(byTag[tag], name)
			blocks[name] = op.markdown(name)
		}
	}
	for _, tag := range slices.Sorted(maps.Keys(byTag)) {
		fmt.Fprintf(&b, "## Operations: %s\n\n", tag)
		for _, name := range byTag[tag] {
			b.WriteString(blocks[name])
		}
	}
	b.WriteString("## Schemas\n\n")
	for _, name := range slices.Sorted(maps.Keys(s.Components.Schemas)) {
		fmt.Fprintf(&b, "### %s\n\n", name)
		s.Components.Schemas[name].fields(&b)
	}
	return strings.TrimRight(b.String(), "\n") + "\n"
}

var verb = map[string]int{"get": 1, "post": 2, "put": 3, "patch": 4, "delete": 5}

func (o operation) markdown(name string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "### `%s`\n\n%s.", name, strings.TrimSuffix(o.Summary, "."))
	if o.Description != "" {
		b.WriteString(" " + cell(o.Description))
	}
	if len(o.Security) == 0 {
		b.WriteString(" No sign-in.")
	} else if o.Permission != "" {
		fmt.Fprintf(&b, " Permission `%s`.", o.Permission)
	}
	b.WriteString("\n\n")
	if len(o.Parameters) > 0 {
		b.WriteString("| parameter | in | type | |\n|---|---|---|---|\n")
		for _, p := range o.Parameters {
			fmt.Fprintf(&b, "| `%s`%s | %s | %s | %s |\n", p.Name, star(p.Required), p.In, p.Schema.kind(), cell(cmp.Or(p.Description, p.Schema.Description)))
		}
		b.WriteString("\n")
	}
	if o.RequestBody != nil {
		for _, mime := range slices.Sorted(maps.Keys(o.RequestBody.Content)) {
			fmt.Fprintf(&b, "Request (`%s`): %s\n\n", mime, o.RequestBody.Content[mime].Schema.kind())
		}
	}
	for _, status := range slices.Sorted(maps.Keys(o.Responses)) {
		r := o.Responses[status]
		what := r.Description
		for _, mime := range slices.Sorted(maps.Keys(r.Content)) {
			what = r.Content[mime].Schema.kind()
		}
		if status != "default" {
			fmt.Fprintf(&b, "Answer %s: %s\n\n", status, what)
		}
	}
	return b.String()
}

func star(required bool) string {
	if required {
		return " *"
	}
	return ""
}

func (s schema) fields(b *strings.Builder) {
	if s.Description != "" {
		b.WriteString(cell(s.Description) + "\n\n")
	}
	if len(s.Properties) == 0 {
		b.WriteString(s.kind() + "\n\n")
		return
	}
	b.WriteString("| field (* always there, or needed) | type | |\n|---|---|---|\n")
	for _, name := range slices.Sorted(maps.Keys(s.Properties)) {
		p := s.Properties[name]
		fmt.Fprintf(b, "| `%s`%s | %s | %s |\n", name, star(slices.Contains(s.Required, name)), p.kind(), cell(p.Description))
	}
	b.WriteString("\n")
}

// kind says in a few words what a schema holds; named ones are links.
func (s schema) kind() string {
	if s.Ref != "" {
		name := s.Ref[strings.LastIndexByte(s.Ref, '/')+1:]
		return fmt.Sprintf("[%s](#%s)", name, strings.ToLower(name))
	}
	k := s.typeName()
	switch {
	case s.Items != nil:
		k = "list of " + s.Items.kind()
	case len(s.Properties) > 0:
		var parts []string
		for _, n := range slices.Sorted(maps.Keys(s.Properties)) {
			parts = append(parts, "`"+n+"` "+s.Properties[n].kind())
		}
		k = strings.Join(parts, ", ")
	case k == "object":
		k = "object by key"
	}
	if len(s.Enum) > 0 {
		var vs []string
		for _, v := range s.Enum {
			vs = append(vs, fmt.Sprintf("`%v`", v))
		}
		k = strings.Join(vs, " ")
	}
	return k + s.limits()
}

func (s schema) typeName() string {
	name := ""
	switch t := s.Type.(type) {
	case string:
		name = t
	case []any:
		for _, x := range t {
			if x != "null" {
				name = fmt.Sprint(x)
			}
		}
	}
	if s.Format == "date-time" || s.Format == "binary" {
		name = s.Format
	}
	return cmp.Or(name, "any")
}

func (s schema) limits() string {
	var out []string
	if s.Default != nil {
		out = append(out, fmt.Sprintf("default %v", s.Default))
	}
	if s.Minimum != nil && s.Maximum != nil {
		out = append(out, fmt.Sprintf("%v–%v", *s.Minimum, *s.Maximum))
	}
	if s.MaxLength != nil {
		out = append(out, fmt.Sprintf("at most %d characters", *s.MaxLength))
	}
	if len(out) == 0 {
		return ""
	}
	return " (" + strings.Join(out, ", ") + ")"
}

// cell makes a text fit for one cell of a table.
func cell(s string) string {
	return strings.NewReplacer("\n", " ", "|", "\\|").Replace(strings.TrimSpace(s))
}
