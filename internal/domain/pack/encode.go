package pack

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"

	"go.yaml.in/yaml/v3"

	"tongban/internal/base/packfile"
)

// Encode writes a structure with json tags as the YAML of a pack's file: keys in the order of the structure, short lists and conditions on one
// line, what is null left out. Reading it strictly gives the same structure, which Encode checks before it gives the text away.
func Encode(v any) ([]byte, error) {
	want, err := plain(v)
	if err != nil {
		return nil, err
	}
	dec := json.NewDecoder(bytes.NewReader(want))
	dec.UseNumber()
	root, err := node(dec)
	if err != nil {
		return nil, err
	}
	compact(root)
	var out bytes.Buffer
	enc := yaml.NewEncoder(&out)
	enc.SetIndent(2)
	if err := errors.Join(enc.Encode(root), enc.Close()); err != nil {
		return nil, err
	}
	var back any
	if _, ps := packfile.Decode(packfile.File{Data: out.Bytes()}, &back); len(ps) > 0 {
		return nil, errors.New("pack: what was written cannot be read: " + ps[0].Key)
	}
	var first any
	if err := json.Unmarshal(want, &first); err != nil {
		return nil, err
	}
	x, err1 := plain(without(first))
	y, err2 := plain(without(back))
	if err := errors.Join(err1, err2); err != nil {
		return nil, err
	}
	if !bytes.Equal(x, y) {
		return nil, errors.New("pack: what was written reads back differently")
	}
	return out.Bytes(), nil
}

func plain(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	err := enc.Encode(v)
	return b.Bytes(), err
}

// without leaves out what is null, as node does.
func without(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for k, x := range v {
			if x == nil {
				delete(v, k)
			} else {
				v[k] = without(x)
			}
		}
	case []any:
		for i := range v {
			v[i] = without(v[i])
		}
	}
	return v
}

// node reads the next JSON value as a YAML node, keys in their order.
func node(dec *json.Decoder) (*yaml.Node, error) {
	t, err := dec.Token()
	if err != nil {
		return nil, err
	}
	switch t := t.(type) {
	case json.Delim:
		n := &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq"}
		if t == '{' {
			n.Kind, n.Tag = yaml.MappingNode, "!!map"
		}
		for dec.More() {
			if err := member(dec, n); err != nil {
				return nil, err
			}
		}
		_, err := dec.Token()
		return n, err
	case json.Number:
		tag := "!!int"
		if strings.ContainsAny(t.String(), ".eE") {
			tag = "!!float"
		}
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: tag, Value: t.String()}, nil
	case bool:
		word := "false"
		if t {
			word = "true"
		}
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!bool", Value: word}, nil
	case string:
		return text(t), nil
	case nil:
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!null", Value: "null"}, nil
	}
	return nil, io.ErrUnexpectedEOF
}

// text is a string; several lines stand as a block, unless YAML would fold their white space.
func text(s string) *yaml.Node {
	n := &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: s}
	switch {
	case strings.ContainsAny(s, "\r\t\u0085\u2028\u2029\ufeff") || strings.TrimSpace(s) != s:
		n.Style = yaml.DoubleQuotedStyle
	case strings.Contains(s, "\n"):
		n.Style = yaml.LiteralStyle
	case strings.ContainsAny(s, ":#{}[]&*!|>'\"%@`,"):
		n.Style = yaml.DoubleQuotedStyle
	}
	return n
}

func member(dec *json.Decoder, n *yaml.Node) error {
	var key *yaml.Node
	if n.Kind == yaml.MappingNode {
		t, err := dec.Token()
		if err != nil {
			return err
		}
		key = text(t.(string)) // a key of a JSON object is a string
	}
	v, err := node(dec)
	if err != nil || key != nil && v.Tag == "!!null" {
		return err
	}
	if key != nil {
		n.Content = append(n.Content, key)
	}
	n.Content = append(n.Content, v)
	return nil
}

const (
	lineWidth = 100 // of a list or mapping written on one line
	lineParts = 8
)

// compact writes what is short and holds scalars only on one line.
func compact(n *yaml.Node) {
	width, flat := 0, true
	for _, c := range n.Content {
		compact(c)
		width += 2*len([]rune(c.Value)) + 2
		flat = flat && c.Kind == yaml.ScalarNode && c.Style != yaml.LiteralStyle
	}
	if n.Kind != yaml.ScalarNode && flat && width <= lineWidth && len(n.Content) <= lineParts*2 {
		n.Style = yaml.FlowStyle
	}
}
