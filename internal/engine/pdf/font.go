package pdf

import (
	_ "embed" // the font is part of the binary
	"errors"
	"sync"
	"unicode"
)

// fontFile is a string, not a slice: it stays in the read-only part of the binary, so only the pages that are touched take memory
// and the system can drop them again. Nothing is unpacked and nothing is parsed before the first page is drawn.
//
//go:embed font/LXGWWenKai-Regular.ttf
var fontFile string

// table is a run of bytes of the font file; reading beyond its end gives 0, so a damaged font cannot crash the program.
type table string

func (t table) u8(i int) int {
	if i < 0 || i >= len(t) {
		return 0
	}
	return int(t[i])
}
func (t table) u16(i int) int { return t.u8(i)<<8 | t.u8(i+1) }
func (t table) i16(i int) int { return int(int16(t.u16(i))) } //nolint:gosec // the format says: two's complement of 16 bits
func (t table) u32(i int) int { return t.u16(i)<<16 | t.u16(i+2) }
func (t table) from(i int) table {
	if i < 0 || i > len(t) {
		return ""
	}
	return t[i:]
}

// face gives access to a TrueType font without copying it. Lengths are in font units, unitsPerEm to the em.
type face struct {
	head, hhea, maxp, hmtx, loca, glyf table
	groups                             table // body of the format 12 cmap: (first rune, last rune, first glyph)…
	unitsPerEm, ascent, descent        int
	nGroups, nMetrics, nGlyphs         int
}

var theFace = sync.OnceValues(func() (*face, error) { return openFace(fontFile) })

func openFace(file string) (*face, error) {
	all := table(file)
	tabs := map[string]table{}
	for i := range all.u16(4) {
		rec := 12 + 16*i
		if rec+16 > len(all) {
			return nil, errors.New("pdf: font directory is cut off")
		}
		off, n := all.u32(rec+8), all.u32(rec+12)
		if off+n > len(all) {
			return nil, errors.New("pdf: font table is cut off")
		}
		tabs[file[rec:rec+4]] = all[off : off+n]
	}
	f := &face{head: tabs["head"], hhea: tabs["hhea"], maxp: tabs["maxp"], hmtx: tabs["hmtx"], loca: tabs["loca"], glyf: tabs["glyf"]}
	f.unitsPerEm, f.ascent, f.descent = f.head.u16(18), f.hhea.i16(4), f.hhea.i16(6)
	f.nMetrics, f.nGlyphs = f.hhea.u16(34), f.maxp.u16(4)
	if f.unitsPerEm == 0 || f.nMetrics == 0 || f.glyf == "" || f.head.u16(50) != 1 {
		return nil, errors.New("pdf: not a TrueType font with long glyph offsets")
	}
	cmap := tabs["cmap"]
	for i := range cmap.u16(2) {
		if sub := cmap.from(cmap.u32(4 + 8*i + 4)); sub.u16(0) == 12 {
			f.groups, f.nGroups = sub.from(16), sub.u32(12)
			return f, nil
		}
	}
	return nil, errors.New("pdf: font has no full Unicode map")
}

// glyph gives the glyph of a rune, 0 when the font has none.
func (f *face) glyph(r rune) int {
	lo, hi := 0, f.nGroups
	for lo < hi {
		mid := (lo + hi) / 2
		if f.groups.u32(12*mid+4) < int(r) {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	if lo < f.nGroups && f.groups.u32(12*lo) <= int(r) {
		return f.groups.u32(12*lo+8) + int(r) - f.groups.u32(12*lo)
	}
	return 0
}

// advance gives the width of a glyph in font units.
func (f *face) advance(g int) int { return f.hmtx.u16(4 * min(g, f.nMetrics-1)) }

// outline gives the bytes of a glyph; a space has none.
func (f *face) outline(g int) table {
	if g < 0 || g >= f.nGlyphs {
		return ""
	}
	a, b := f.loca.u32(4*g), f.loca.u32(4*g+4)
	if a >= b || b > len(f.glyf) {
		return ""
	}
	return f.glyf[a:b]
}

// width gives the width of a text in points at a size in points.
func (f *face) width(s string, size float64) float64 {
	w := 0
	for _, r := range s {
		w += f.advance(f.glyph(r))
	}
	return float64(w) * size / float64(f.unitsPerEm)
}

// MissingGlyphs gives the characters of a text that cannot be drawn, each once, in order. Control characters other than line feed and
// invisible format characters (bidirectional marks, variation selectors) count as missing: they would change how a legal name reads.
func MissingGlyphs(text string) []rune {
	f, err := theFace()
	if err != nil {
		return []rune(text)
	}
	var miss []rune
	seen := map[rune]bool{}
	for _, r := range text {
		if seen[r] || r == '\n' {
			continue
		}
		seen[r] = true
		if f.glyph(r) == 0 || unicode.Is(unicode.Cc, r) || unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Variation_Selector, r) {
			miss = append(miss, r)
		}
	}
	return miss
}
