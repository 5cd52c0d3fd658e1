package archive

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"hash/crc32"
	"io"
	"math"
)

// The box is the one form of ZIP this room writes and accepts (APPNOTE 6.3.3, 4.3): entries stored one after the other without gaps, no
// data descriptors, no extra fields, no comments, names in UTF-8, the time of all 1980-01-01. Every byte outside the contents follows from
// names, sizes and CRCs, so nothing can be hidden or changed there.
const (
	localMark   = 0x04034b50
	centralMark = 0x02014b50
	endMark     = 0x06054b50
	utf8Names   = 1 << 11
	firstDay    = 0x21 // 1980-01-01 in DOS form
	nameMost    = 240
)

// boxMost is the most bytes and boxParts the most entries a box holds: beyond them the form would need ZIP64.
const (
	boxMost  = math.MaxUint32 - 1<<24
	boxParts = 60000
)

var (
	errForm    = errors.New("not as it was written")
	errTooMuch = errors.New("archive: more than a package can hold")
)

// place is one entry in the box.
type place struct {
	name string
	size int64
	crc  uint32
	at   int64
}

func le(b []byte, vs ...any) []byte {
	for _, v := range vs {
		switch x := v.(type) {
		case uint16:
			b = binary.LittleEndian.AppendUint16(b, x)
		case uint32:
			b = binary.LittleEndian.AppendUint32(b, x)
		}
	}
	return b
}

func u32(n int64) uint32 { return uint32(n) } //nolint:gosec // at most boxMost

// local is the header before the content.
func (p place) local() []byte {
	n := uint16(len(p.name)) //nolint:gosec // at most nameMost
	b := le(nil, uint32(localMark), uint16(20), uint16(utf8Names), uint16(0), uint16(0), uint16(firstDay), p.crc, u32(p.size), u32(p.size), n, uint16(0))
	return append(b, p.name...)
}

func (p place) central() []byte {
	n := uint16(len(p.name)) //nolint:gosec // at most nameMost
	b := le(nil, uint32(centralMark), uint16(20), uint16(20), uint16(utf8Names), uint16(0), uint16(0), uint16(firstDay), p.crc, u32(p.size), u32(p.size), n,
		uint16(0), uint16(0), uint16(0), uint16(0), uint32(0), u32(p.at))
	return append(b, p.name...)
}

// directory is what follows the last content.
func directory(ps []place, at int64) []byte {
	var b []byte
	for _, p := range ps {
		b = append(b, p.central()...)
	}
	n := uint16(len(ps)) //nolint:gosec // at most boxParts
	return le(b, uint32(endMark), uint16(0), uint16(0), n, n, u32(int64(len(b))), u32(at), uint16(0))
}

// boxWriter writes a box.
type boxWriter struct {
	w  io.Writer
	at int64
	ps []place
}

// add writes an entry whose size and CRC are known. Content that is not what was measured is an error.
func (b *boxWriter) add(name string, size int64, crc uint32, r io.Reader) error {
	p := place{name, size, crc, b.at}
	head := p.local()
	if len(name) > nameMost || size < 0 || b.at+size+int64(len(head)) > boxMost || len(b.ps) >= boxParts {
		return errTooMuch
	}
	if _, err := b.w.Write(head); err != nil {
		return err
	}
	sum := crc32.NewIEEE()
	n, err := io.Copy(io.MultiWriter(b.w, sum), io.LimitReader(r, size+1))
	if err != nil {
		return err
	}
	if n != size || sum.Sum32() != crc {
		return fmt.Errorf("archive: %s changed while it was packed", name)
	}
	b.at += int64(len(head)) + size
	b.ps = append(b.ps, p)
	return nil
}

func (b *boxWriter) close() error {
	_, err := b.w.Write(directory(b.ps, b.at))
	return err
}

// boxReader reads a box from beginning to end and accepts nothing but the one form. Each entry must be read to its end before the next.
type boxReader struct {
	r    *bufio.Reader
	at   int64
	ps   []place
	sum  hash.Hash32
	left *io.LimitedReader
}

func newBoxReader(r io.Reader) *boxReader { return &boxReader{r: bufio.NewReaderSize(r, 64<<10)} }

const localSize = 30

// next gives the next entry, or io.EOF where the directory begins. An error that is errForm says that the box is not in its form.
func (b *boxReader) next() (place, io.Reader, error) {
	if err := b.finish(); err != nil {
		return place{}, nil, err
	}
	mark, err := b.r.Peek(4)
	if err != nil {
		return place{}, nil, formError(err)
	}
	if binary.LittleEndian.Uint32(mark) == centralMark {
		return place{}, nil, io.EOF
	}
	head := make([]byte, localSize)
	if _, err := io.ReadFull(b.r, head); err != nil {
		return place{}, nil, formError(err)
	}
	n := int(binary.LittleEndian.Uint16(head[26:]))
	if n == 0 || n > nameMost || len(b.ps) >= boxParts {
		return place{}, nil, errForm
	}
	name := make([]byte, n)
	if _, err := io.ReadFull(b.r, name); err != nil {
		return place{}, nil, formError(err)
	}
	p := place{string(name), int64(binary.LittleEndian.Uint32(head[22:])), binary.LittleEndian.Uint32(head[14:]), b.at}
	if !bytes.Equal(p.local(), append(head, name...)) || b.at+p.size > boxMost {
		return p, nil, errForm
	}
	b.at += int64(localSize+n) + p.size
	b.ps = append(b.ps, p)
	b.sum = crc32.NewIEEE()
	b.left = &io.LimitedReader{R: io.TeeReader(b.r, b.sum), N: p.size}
	return p, b.left, nil
}

// finish ends the last entry: read whole, and its CRC the one in its header.
func (b *boxReader) finish() error {
	if b.left == nil {
		return nil
	}
	if _, err := io.Copy(io.Discard, b.left); err != nil {
		return err
	}
	if b.left.N > 0 || b.sum.Sum32() != b.ps[len(b.ps)-1].crc {
		return errForm
	}
	b.left = nil
	return nil
}

// end proves that the rest is the directory of what was read, and nothing more.
func (b *boxReader) end() error {
	if err := b.finish(); err != nil {
		return err
	}
	want := directory(b.ps, b.at)
	got := make([]byte, len(want))
	if _, err := io.ReadFull(b.r, got); err != nil {
		return formError(err)
	}
	if _, err := b.r.ReadByte(); !bytes.Equal(want, got) || !errors.Is(err, io.EOF) {
		return errForm
	}
	return nil
}

// formError takes the end of the file for a broken form; every other error is the reader's own.
func formError(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return errForm
	}
	return err
}
