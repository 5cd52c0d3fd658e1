package list

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"

	"tongban/internal/base/errs"
)

// openJSON recognises JSON lines, an array of objects, or one document whose arrays are tables.
func openJSON(src Source, enc coding) (*Book, error) {
	if enc.name == "GB18030" {
		return nil, errs.New(errs.Invalid, "list.json_encoding") // RFC 8259: JSON between systems is UTF-8
	}
	body := io.NewSectionReader(src, enc.skip, src.Size-enc.skip)
	d := json.NewDecoder(bufio.NewReaderSize(body, 256<<10))
	tok, err := d.Token()
	if err != nil {
		return nil, jsonError(err, d, src, enc)
	}
	if tok == json.Delim('[') {
		return &Book{Format: JSON, Encoding: enc.name, Sheets: []Sheet{{"", func() (Table, error) { return openArray(body, d.InputOffset()-1), nil }}}}, nil
	}
	if sheets, err := arrays(d, body); err == nil && len(sheets) > 0 {
		return &Book{Format: JSON, Encoding: enc.name, Sheets: sheets}, nil
	}
	return &Book{Format: JSONL, Encoding: enc.name, Sheets: []Sheet{{"", func() (Table, error) {
		return &lineTable{r: bufio.NewReaderSize(io.NewSectionReader(body, 0, body.Size()), 256<<10)}, nil
	}}}}, nil
}

func jsonError(err error, d *json.Decoder, src Source, enc coding) error {
	head := make([]byte, min(enc.skip+d.InputOffset()+1, 64<<20))
	n, _ := src.ReadAt(head, 0)
	return errs.Wrap(err, errs.Invalid, "list.json_broken", errs.P{"row": bytes.Count(head[:n], []byte("\n")) + 1})
}

// arrays finds the tables of a document: {"task_general_basic": [ … ], "task_material": [ … ]}. None if it is anything else, or if a second document follows.
func arrays(d *json.Decoder, body *io.SectionReader) ([]Sheet, error) {
	var out []Sheet
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return nil, err
		}
		key, _ := name.(string)
		tok, err := d.Token()
		if err != nil {
			return nil, err
		}
		if tok != json.Delim('[') {
			if _, nested := tok.(json.Delim); nested {
				return nil, nil
			}
			continue // a title, a date
		}
		at := d.InputOffset() - 1
		for first := true; d.More(); first = false {
			var v json.RawMessage
			if err := d.Decode(&v); err != nil {
				return nil, err
			}
			if first && (len(v) == 0 || v[0] != '{') {
				return nil, nil // a list of words: the document is an item
			}
		}
		if _, err := d.Token(); err != nil {
			return nil, err
		}
		out = append(out, Sheet{key, func() (Table, error) { return openArray(body, at), nil }})
	}
	if _, err := d.Token(); err != nil {
		return nil, err
	}
	if d.More() {
		return nil, nil
	}
	for _, s := range out {
		if tableOf(s.Name) == nil {
			return nil, nil
		}
	}
	return out, nil
}

// arrayTable reads the objects of an array. What stands behind a broken object cannot be found again, so it ends the table with an error.
type arrayTable struct {
	d      *json.Decoder
	number int
	begun  bool
	ended  bool
}

func openArray(body *io.SectionReader, at int64) Table {
	return &arrayTable{d: json.NewDecoder(bufio.NewReaderSize(io.NewSectionReader(body, at, body.Size()-at), 256<<10))}
}

func (t *arrayTable) Close() error { return nil }

func (t *arrayTable) Next() (Row, error) {
	if t.ended {
		return Row{}, io.EOF
	}
	if !t.begun {
		if _, err := t.d.Token(); err != nil {
			return Row{}, err
		}
		t.begun = true
	}
	if !t.d.More() {
		t.ended = true
		if _, err := t.d.Token(); err != nil && err != io.EOF {
			return Row{}, errs.Wrap(err, errs.Invalid, "list.json_broken", errs.P{"row": t.number})
		}
		return Row{}, io.EOF
	}
	t.number++
	var doc json.RawMessage
	if err := t.d.Decode(&doc); err != nil {
		return Row{}, errs.Wrap(err, errs.Invalid, "list.json_broken", errs.P{"row": t.number})
	}
	return object(t.number, doc), nil
}

func object(number int, doc []byte) Row {
	if len(doc) == 0 || doc[0] != '{' {
		return Row{Number: number, Cells: []string{clip(string(doc), 200)}, Broken: "list.json_object"}
	}
	return Row{Number: number, Doc: doc}
}

func clip(s string, n int) string {
	if rs := []rune(s); len(rs) > n {
		return string(rs[:n]) + "…"
	}
	return s
}

// lineTable reads JSON lines; a broken line costs only itself.
type lineTable struct {
	r      *bufio.Reader
	number int
}

func (t *lineTable) Close() error { return nil }

func (t *lineTable) Next() (Row, error) {
	for {
		line, err := t.r.ReadBytes('\n')
		if len(line) == 0 && err != nil {
			return Row{}, err
		}
		t.number++
		line = bytes.TrimSpace(line)
		if len(line) == 0 {
			continue
		}
		if !json.Valid(line) {
			return Row{Number: t.number, Cells: []string{clip(string(line), 200)}, Broken: "list.json_line"}, nil
		}
		return object(t.number, line), nil
	}
}
