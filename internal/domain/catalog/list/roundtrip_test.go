package list_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"tongban/internal/base/i18n"
	"tongban/internal/domain/catalog/item"
	"tongban/internal/domain/catalog/list"
	"tongban/internal/domain/directory"
	"tongban/internal/engine/cond"
)

// pool is what people and other systems put into texts, and some of what attackers do.
var pool = []string{
	"食品经营许可", "=1+1", "-5", "@SUM(A1)", "两行\n文字", "一；二；三", "一、二", " 前后有空格 ", "<script>alert(1)</script>", `引号"和,逗号`, "'撇号", "_x0041_", "𠮷野家😀", "反向\u202e文字",
	"005", "0", "tab\t之间", "行尾\r\n换行", "1 自然人", "是", "2026年3月1日", "𬭎", strings.Repeat("长", 20000), "\u0000空", "a|b", "1,2", "坏\ufffd字",
}

// random fills a value with something valid or odd. Codes come from their lists half of the time.
func random(r *rand.Rand, v reflect.Value, depth int) {
	switch v.Type() {
	case reflect.TypeFor[cond.Expr]():
		if r.IntN(2) == 0 {
			v.Set(reflect.ValueOf(cond.Expr{Field: "scenario.a", Op: cond.Eq, Value: "x"}))
		}
		return
	}
	switch v.Kind() {
	case reflect.String:
		if r.IntN(3) > 0 {
			v.SetString(pool[r.IntN(len(pool)-4)])
			if r.IntN(200) == 0 {
				v.SetString(pool[r.IntN(len(pool))])
			}
		}
	case reflect.Int, reflect.Int64:
		v.SetInt(r.Int64N(40))
	case reflect.Bool:
		v.SetBool(r.IntN(2) == 0)
	case reflect.Slice:
		if depth > 4 || v.Type().Elem().Kind() == reflect.Interface {
			return
		}
		for range r.IntN(3) {
			e := reflect.New(v.Type().Elem()).Elem()
			random(r, e, depth+1)
			v.Set(reflect.Append(v, e))
		}
	case reflect.Pointer:
		if depth < 4 && r.IntN(2) == 0 {
			v.Set(reflect.New(v.Type().Elem()))
			random(r, v.Elem(), depth+1)
		}
	case reflect.Map:
		if v.Type().Key().Kind() != reflect.String || v.Type().Elem().Kind() == reflect.Interface {
			return
		}
		m := reflect.MakeMap(v.Type())
		for i := range r.IntN(3) {
			e := reflect.New(v.Type().Elem()).Elem()
			random(r, e, depth+1)
			m.SetMapIndex(reflect.ValueOf(fmt.Sprint("k", i)).Convert(v.Type().Key()), e)
		}
		v.Set(m)
	case reflect.Struct:
		for i := range v.NumField() {
			f := v.Type().Field(i)
			if !f.IsExported() || f.Tag.Get("json") == "-" || depth == 0 && r.IntN(2) == 0 {
				continue
			}
			random(r, v.Field(i), depth+1)
		}
	}
}

// items makes items: half of them by setting elements as an editor does, half with anything in any field.
func items(t *testing.T, r *rand.Rand, n int) []item.Item {
	t.Helper()
	var out []item.Item
	for i := range n {
		var it item.Item
		if i%2 == 0 {
			random(r, reflect.ValueOf(&it).Elem(), 0)
		}
		for _, e := range item.Elements {
			if codes := item.Lists[e.List]; len(codes) > 0 && r.IntN(3) > 0 {
				_ = e.Set(&it, []string{codes[r.IntN(len(codes))]})
			} else if e.Kind == item.KindLimit && i%2 == 1 {
				_ = e.Set(&it, []string{fmt.Sprint(r.IntN(20)), item.Lists["unit"][r.IntN(len(item.Lists["unit"]))]})
			}
		}
		it.Key, it.Name = fmt.Sprint("item-", i), "事项"+fmt.Sprint(i)
		b, err := json.Marshal(it)
		if err != nil {
			t.Fatal(err)
		}
		var same item.Item
		if err := json.Unmarshal(b, &same); err != nil {
			t.Fatal(err)
		}
		out = append(out, same)
	}
	return out
}

func source(b []byte) list.Source {
	return list.Source{ReaderAt: bytes.NewReader(b), Size: int64(len(b)), Name: "x"}
}

// pairs are the rows of a system as a new installation has them.
func pairs(system string) (out []list.Pair) {
	for _, m := range directory.Shipped() {
		if m.System == system {
			out = append(out, list.Pair{List: m.List, There: m.There, Here: m.Here, Takes: m.Takes, Gives: m.Gives})
		}
	}
	return out
}

func codes(system string) *list.Codes {
	if system == directory.SystemNational {
		return list.NewCodes(system, pairs(system), nil)
	}
	c := list.NewCodes(system, pairs(system), pairs(directory.SystemNational))
	c.Swaps = directory.SwapsMaterialColumns(system)
	return c
}

// ours gives the exchange tables their national codes.
func ours(o list.WriteOptions) list.WriteOptions {
	if o.National && o.Codes == nil {
		o.Codes = codes(directory.SystemNational)
	}
	return o
}

func read(t *testing.T, b []byte) []list.Record { return readFrom(t, b, directory.SystemNational) }

func readFrom(t *testing.T, b []byte, system string) []list.Record {
	t.Helper()
	book, err := list.Open(source(b))
	if err != nil {
		t.Fatal(err)
	}
	r, err := list.NewReader(book, codes(system))
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	var out []list.Record
	for {
		raw, err := r.Next()
		if err == io.EOF {
			return out
		}
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, r.Build(raw))
	}
}

var formats = map[string]list.WriteOptions{
	"csv":           {Format: list.CSV},
	"csv in GBK":    {Format: list.CSV, GBK: true},
	"csv, English":  {Format: list.CSV, Lang: i18n.English},
	"workbook":      {Format: list.XLSX},
	"workbook, en":  {Format: list.XLSX, Lang: i18n.English},
	"json":          {Format: list.JSON},
	"json lines":    {Format: list.JSONL},
	"zip":           {Format: list.Zip},
	"exchange book": {Format: list.XLSX, National: true},
	"exchange zip":  {Format: list.Zip, National: true, GBK: true},
	"exchange json": {Format: list.JSON, National: true},
}

// rounds is how often the property is tried: once, or TONGBAN_LIST_ROUNDS times.
func rounds() int {
	n, _ := strconv.Atoi(os.Getenv("TONGBAN_LIST_ROUNDS"))
	return max(1, n)
}

func TestWhatIsWrittenIsReadBack(t *testing.T) {
	for name, o := range formats {
		t.Run(name, func(t *testing.T) {
			for seed := range uint64(rounds()) {
				want := items(t, rand.New(rand.NewPCG(seed, 7)), 6)
				var b bytes.Buffer
				w, err := list.NewWriter(&b, ours(o))
				if err != nil {
					t.Fatal(err)
				}
				for i := range want {
					if err := w.Write(&want[i]); err != nil {
						t.Fatal(err)
					}
				}
				if err := w.Close(); err != nil {
					t.Fatal(err)
				}
				got := read(t, b.Bytes())
				if len(got) != len(want) {
					t.Fatalf("%d records, want %d", len(got), len(want))
				}
				for i := range want {
					compare(t, got[i], want[i])
				}
			}
		})
	}
}

func compare(t *testing.T, got list.Record, want item.Item) {
	t.Helper()
	a, err := json.Marshal(got.Item)
	if err != nil {
		t.Fatal(err)
	}
	b, _ := json.Marshal(want)
	if !bytes.Equal(a, b) {
		i := 0
		for i < len(a) && i < len(b) && a[i] == b[i] {
			i++
		}
		t.Fatalf("%s is another item, from byte %d:\n got %.300s\nwant %.300s\n%+v", want.Key, i, a[max(0, i-60):], b[max(0, i-60):], got.Findings)
	}
	if got.Broken || !got.Own {
		t.Errorf("%s: broken %v, own %v: %+v", want.Key, got.Broken, got.Own, got.Findings)
	}
}
