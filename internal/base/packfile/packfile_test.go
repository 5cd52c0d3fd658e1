package packfile_test

import (
	"testing"

	"tongban/internal/base/packfile"
)

type sample struct {
	Key  string `json:"key"`
	Days int    `json:"days"`
	Rows []struct {
		Name string `json:"name"`
	} `json:"rows"`
}

func TestFindingsNameTheirLine(t *testing.T) {
	for _, c := range []struct {
		text, key string
		line      int
	}{
		{"key: a\ndays: 3\nrows:\n  - name: x\n  - nane: y\n", "packfile.unknown", 5},
		{"key: a\ndays: three\n", "packfile.type", 2},
		{"key: a\nkey: b\n", "packfile.twice", 2},
		{"key: [a\n", "packfile.syntax", 1},
		{"", "packfile.empty", 1},
		{"key: &x a\n", "packfile.alias", 1},
	} {
		var v sample
		_, ps := packfile.Decode(packfile.File{Path: "items/a.yaml", Data: []byte(c.text)}, &v)
		if len(ps) != 1 || ps[0].Key != c.key || ps[0].Line != c.line {
			t.Errorf("%q: %+v, want %s at line %d", c.text, ps, c.key, c.line)
		}
	}
}

func TestALaterFindingFindsItsLine(t *testing.T) {
	var v sample
	d, ps := packfile.Decode(packfile.File{Path: "a.yaml", Data: []byte("key: a\nrows:\n  - name: x\n  - name: y\n")}, &v)
	if len(ps) != 0 || len(v.Rows) != 2 {
		t.Fatalf("%+v %+v", ps, v)
	}
	if n := d.Problem("/rows/1/missing", "x").Line; n != 4 {
		t.Errorf("line %d, want 4", n)
	}
}
