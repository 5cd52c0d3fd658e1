package catalog

import (
	"bytes"
	"testing"
)

func FuzzReadList(f *testing.F) {
	for _, s := range []string{"item_name,item_type\n低保,5\n\"x\n", "item_name\n\"\n\"\"\n\n", "\xff\xfei\x00t\x00", "事项名称\t类型\na\tb\n", "item_name;x\r\n\r\n;\r\n"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		l, err := readList(bytes.NewReader(b))
		if err != nil {
			return
		}
		last := 1
		for _, r := range l.rows {
			if r.number <= last || len(r.fields) == 0 {
				t.Errorf("row %d after %d with %d fields", r.number, last, len(r.fields))
			}
			last = r.number
		}
	})
}

func TestOneOpenQuotationMarkCostsOneRow(t *testing.T) {
	var b bytes.Buffer
	b.WriteString("item_name,item_type\n")
	for i := range 100 {
		if i == 40 {
			b.WriteString("\"没有合上,5\n")
			continue
		}
		b.WriteString("事项,5\n")
	}
	l, err := readList(&b)
	if err != nil || len(l.rows) != 100 {
		t.Fatalf("%d rows, %v", len(l.rows), err)
	}
	for i, r := range l.rows {
		if (r.broken != "") != (i == 40) || r.number != i+2 {
			t.Errorf("row %d (%d): %q %v", i, r.number, r.broken, r.fields)
		}
	}
}
