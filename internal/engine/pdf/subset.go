package pdf

import (
	"encoding/binary"
	"sort"
)

// Flags of a part of a composite glyph (OpenType, table glyf).
const (
	argsAreWords  = 0x0001
	argsAreXY     = 0x0002
	haveScale     = 0x0008
	moreParts     = 0x0020
	haveXYScale   = 0x0040
	haveTwoByTwo  = 0x0080
	partHeaderLen = 4
)

// subset collects the glyphs a document uses and numbers them anew in order of first use, so the same text gives the same bytes.
type subset struct {
	face   *face
	old    []int       // new number → glyph of the font
	number map[int]int // glyph of the font → new number
	runes  []rune      // new number → the rune that asked for it, 0 for parts of composites
}

func newSubset(f *face) *subset {
	return &subset{face: f, old: []int{0}, number: map[int]int{0: 0}, runes: []rune{0}}
}

// use gives the number of the glyph of a rune. Two runes that share a glyph keep the first rune: rare, and harmless to the eye, but a copied
// name must be right, so the second one gets a number of its own.
func (s *subset) use(r rune) int {
	g := s.face.glyph(r)
	if n, ok := s.number[g]; ok && s.runes[n] == r {
		return n
	}
	for n, q := range s.runes { // a rune whose glyph another rune took first
		if q == r && n > 0 {
			return n
		}
	}
	n := s.add(g)
	s.runes[n] = r
	return n
}

func (s *subset) add(g int) int {
	s.old = append(s.old, g)
	s.runes = append(s.runes, 0)
	n := len(s.old) - 1
	s.number[g] = n
	return n
}

// part walks the parts of a composite glyph and calls fn with the place of each part's header.
func parts(o table, fn func(at int)) {
	for at := 10; at+partHeaderLen <= len(o); {
		flags := o.u16(at)
		fn(at)
		at += partHeaderLen + 2
		if flags&argsAreWords != 0 {
			at += 2
		}
		switch {
		case flags&haveScale != 0:
			at += 2
		case flags&haveXYScale != 0:
			at += 4
		case flags&haveTwoByTwo != 0:
			at += 8
		}
		if flags&moreParts == 0 {
			return
		}
	}
}

// file gives the subset as a TrueType file with the tables a PDF needs (ISO 32000-1, 9.9).
func (s *subset) file() []byte {
	var glyf []byte
	loca := []byte{0, 0, 0, 0}
	for i := 0; i < len(s.old); i++ { // grows while parts are added
		o := s.face.outline(s.old[i])
		b := []byte(o)
		if o.i16(0) < 0 {
			parts(o, func(at int) {
				g := o.u16(at + 2)
				n, ok := s.number[g]
				if !ok {
					n = s.add(g)
				}
				binary.BigEndian.PutUint16(b[at+2:], uint16(n)) //nolint:gosec // a font has at most 65,535 glyphs
			})
		}
		glyf = append(glyf, b...)
		for len(glyf)%4 != 0 {
			glyf = append(glyf, 0)
		}
		loca = binary.BigEndian.AppendUint32(loca, uint32(len(glyf))) //nolint:gosec // the font is 15 MB
	}
	n := uint16(len(s.old)) //nolint:gosec // as above
	var hmtx []byte
	for _, g := range s.old {
		hmtx = binary.BigEndian.AppendUint16(hmtx, uint16(s.face.advance(g)))               //nolint:gosec // read from 16 bits
		hmtx = binary.BigEndian.AppendUint16(hmtx, uint16(s.face.hmtx.u16(s.bearingAt(g)))) //nolint:gosec // read from 16 bits
	}
	hhea, maxp, head := []byte(s.face.hhea), []byte(s.face.maxp), []byte(s.face.head)
	binary.BigEndian.PutUint16(hhea[34:], n)
	binary.BigEndian.PutUint16(maxp[4:], n)
	binary.BigEndian.PutUint32(head[8:], 0)
	return sfnt(map[string][]byte{"head": head, "hhea": hhea, "maxp": maxp, "hmtx": hmtx, "loca": loca, "glyf": glyf})
}

func (s *subset) bearingAt(g int) int {
	if g < s.face.nMetrics {
		return 4*g + 2
	}
	return 4*s.face.nMetrics + 2*(g-s.face.nMetrics)
}

func sfnt(tabs map[string][]byte) []byte {
	names := make([]string, 0, len(tabs))
	for n := range tabs {
		names = append(names, n)
	}
	sort.Strings(names)
	out := []byte{0, 1, 0, 0, 0, byte(len(names)), 0, 64, 0, 2, 0, byte(len(names)*16 - 64)}
	off := 12 + 16*len(names)
	for _, n := range names {
		b := tabs[n]
		out = append(out, n...)
		out = binary.BigEndian.AppendUint32(out, checksum(b))
		out = binary.BigEndian.AppendUint32(out, uint32(off))    //nolint:gosec // the font is 15 MB
		out = binary.BigEndian.AppendUint32(out, uint32(len(b))) //nolint:gosec // the font is 15 MB
		off += (len(b) + 3) &^ 3
	}
	for _, n := range names {
		out = append(out, tabs[n]...)
		for len(out)%4 != 0 {
			out = append(out, 0)
		}
	}
	return out
}

func checksum(b []byte) (sum uint32) {
	for i, c := range b {
		sum += uint32(c) << (24 - 8*(i%4))
	}
	return sum
}
