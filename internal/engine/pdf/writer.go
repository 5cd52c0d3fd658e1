package pdf

import (
	"bytes"
	"compress/zlib"
	"encoding/hex"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode/utf16"

	"github.com/emmansun/gmsm/sm3"
)

// beijing is the one time zone of the papers.
var beijing = time.FixedZone("CST", 8*3600)

// file collects the objects of a PDF; object n has index n-1.
type file struct{ objs [][]byte }

func (f *file) alloc() int {
	f.objs = append(f.objs, nil)
	return len(f.objs)
}

func (f *file) set(n int, body string) { f.objs[n-1] = []byte(body) }

func (f *file) add(body string) int {
	n := f.alloc()
	f.set(n, body)
	return n
}

// addStream adds a compressed stream; dict is the inside of its dictionary.
func (f *file) addStream(dict string, data []byte) int {
	var z bytes.Buffer
	w, _ := zlib.NewWriterLevel(&z, zlib.BestCompression) // the level is valid
	_, _ = w.Write(data)                                  // a buffer does not fail
	_ = w.Close()
	return f.addRaw(dict+"/Filter/FlateDecode", z.Bytes())
}

func (f *file) addRaw(dict string, data []byte) int {
	return f.add(fmt.Sprintf("<<%s/Length %d>>\nstream\n%s\nendstream", dict, len(data), data))
}

// bytes writes the file with one classic cross-reference table (ISO 32000-1, 7.5.4), which engine/seal extends.
func (f *file) bytes(root, info int, id string) []byte {
	var o bytes.Buffer
	o.WriteString("%PDF-1.7\n%\xe9\x80\x9a\xe5\x8a\x9e\n")
	offs := make([]int, len(f.objs))
	for i, body := range f.objs {
		offs[i] = o.Len()
		fmt.Fprintf(&o, "%d 0 obj\n%s\nendobj\n", i+1, body)
	}
	at := o.Len()
	fmt.Fprintf(&o, "xref\n0 %d\n0000000000 65535 f \n", len(f.objs)+1)
	for _, off := range offs {
		fmt.Fprintf(&o, "%010d 00000 n \n", off)
	}
	sum := sm3.Sum([]byte(id))
	key := hex.EncodeToString(sum[:16])
	fmt.Fprintf(&o, "trailer\n<</Size %d/Root %d 0 R/Info %d 0 R/ID[<%s><%s>]>>\nstartxref\n%d\n%%%%EOF\n", len(f.objs)+1, root, info, key, key, at)
	return o.Bytes()
}

// textString writes a text as UTF-16 in hexadecimal (ISO 32000-1, 7.9.2.2), so that no text can look like PDF syntax.
func textString(s string) string {
	var b strings.Builder
	b.WriteString("<FEFF")
	for _, u := range utf16.Encode([]rune(s)) {
		fmt.Fprintf(&b, "%04X", u)
	}
	return b.String() + ">"
}

func dateString(t time.Time) string {
	return "(D:" + t.In(beijing).Format("20060102150405") + "+08'00')"
}

// nums writes numbers with at most three decimals, each followed by a space.
func nums(w *bytes.Buffer, vs ...float64) {
	for _, v := range vs {
		w.WriteString(strconv.FormatFloat(math.Round(v*1000)/1000, 'f', -1, 64))
		w.WriteByte(' ')
	}
}

// font adds the five objects of the embedded subset and gives the number of the font.
func (f *file) font(s *subset) int {
	used := len(s.old) // parts of composites come later and need neither width nor text
	data := s.file()
	per := 1000 / float64(s.face.unitsPerEm)
	var widths strings.Builder
	for n := range used {
		fmt.Fprintf(&widths, "%d ", int(math.Round(float64(s.face.advance(s.old[n]))*per)))
	}
	const name = "TBSUBS+LXGWWenKai-Regular"
	bin := f.addStream(fmt.Sprintf("/Length1 %d", len(data)), data)
	desc := f.add(fmt.Sprintf("<</Type/FontDescriptor/FontName/%s/Flags 4/FontBBox[%d %d %d %d]/ItalicAngle 0/Ascent %d/Descent %d/CapHeight 700/StemV 60/FontFile2 %d 0 R>>",
		name, s.face.head.i16(36), s.face.head.i16(38), s.face.head.i16(40), s.face.head.i16(42), s.face.ascent, s.face.descent, bin))
	cid := f.add(fmt.Sprintf("<</Type/Font/Subtype/CIDFontType2/BaseFont/%s/CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)/Supplement 0>>/FontDescriptor %d 0 R/CIDToGIDMap/Identity/DW 1000/W[0[%s]]>>",
		name, desc, strings.TrimSpace(widths.String())))
	uni := f.addStream("", toUnicode(s, used))
	return f.add(fmt.Sprintf("<</Type/Font/Subtype/Type0/BaseFont/%s/Encoding/Identity-H/DescendantFonts[%d 0 R]/ToUnicode %d 0 R>>", name, cid, uni))
}

// toUnicode maps glyph numbers back to text; runes beyond U+FFFF are written as surrogate pairs (ISO 32000-1, 9.10.3).
func toUnicode(s *subset, used int) []byte {
	var b bytes.Buffer
	b.WriteString("/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n/CIDSystemInfo<</Registry(Adobe)/Ordering(UCS)/Supplement 0>>def\n" +
		"/CMapName/Adobe-Identity-UCS def\n/CMapType 2 def\n1 begincodespacerange\n<0000><FFFF>\nendcodespacerange\n")
	for at := 1; at < used; at += 100 { // at most 100 lines to a section
		end := min(at+100, used)
		fmt.Fprintf(&b, "%d beginbfchar\n", end-at)
		for n := at; n < end; n++ {
			fmt.Fprintf(&b, "<%04X><", n)
			for _, u := range utf16.Encode([]rune{s.runes[n]}) {
				fmt.Fprintf(&b, "%04X", u)
			}
			b.WriteString(">\n")
		}
		b.WriteString("endbfchar\n")
	}
	b.WriteString("endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n")
	return b.Bytes()
}
