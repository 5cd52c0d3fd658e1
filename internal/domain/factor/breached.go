package factor

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"crypto/sha1" //nolint:gosec // the published lists of leaked passwords are SHA-1; nothing is protected by it
	_ "embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
)

// BreachedList knows passwords from leaks.
type BreachedList interface {
	Has(password string) (bool, error)
}

// BreachedFile is a list on the disk in the format of Have I Been Pwned: one line for each password, its SHA-1 in upper-case hexadecimal, a colon and
// a count, sorted. The file has tens of gigabytes; a look-up reads some forty places of it.
type BreachedFile struct {
	f    *os.File
	size int64
}

// OpenBreached opens a list and checks that it begins as one.
func OpenBreached(path string) (*BreachedFile, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	st, err := f.Stat()
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	first := make([]byte, 41)
	if _, err := f.ReadAt(first, 0); err != nil || !hashLine(first) {
		return nil, errors.Join(fmt.Errorf("%s is no sorted list of SHA-1 hashes with counts", path), f.Close())
	}
	return &BreachedFile{f, st.Size()}, nil
}

func hashLine(b []byte) bool {
	return len(b) >= 40 && strings.Trim(string(b[:40]), "0123456789ABCDEF") == "" && (len(b) == 40 || b[40] == ':' || b[40] == '\r' || b[40] == '\n')
}

// Close closes the file.
func (b *BreachedFile) Close() error { return b.f.Close() }

// Has reports whether a password is in the list.
func (b *BreachedFile) Has(password string) (bool, error) {
	sum := sha1.Sum([]byte(password)) //nolint:gosec // see above
	key := strings.ToUpper(hex.EncodeToString(sum[:]))
	return hasLine(b.f, b.size, func(line string) int { return strings.Compare(line[:min(len(line), 40)], key) })
}

//go:embed common/passwords.txt.gz
var commonZip []byte

// common is the built-in list, 49,000 of the most common passwords in lower case, one a line, sorted; see mkcommon.go.
var common = sync.OnceValue(func() *bytes.Reader {
	z, err := gzip.NewReader(bytes.NewReader(commonZip))
	if err != nil {
		panic(err)
	}
	text, err := io.ReadAll(z)
	if err != nil {
		panic(err)
	}
	return bytes.NewReader(text)
})

// isCommon reports whether a password, in lower case, is in the built-in list.
func isCommon(lower string) bool {
	r := common()
	ok, err := hasLine(r, r.Size(), func(line string) int { return strings.Compare(line, lower) })
	return ok && err == nil
}

const longestLine = 256

// hasLine searches sorted lines. order says whether a line stands before (<0), at or after (>0) what is sought.
func hasLine(r io.ReaderAt, size int64, order func(line string) int) (bool, error) {
	lo, hi := int64(0), size // the line sought begins in [lo, hi)
	for lo < hi {
		mid := lo + (hi-lo)/2
		start, line, err := lineFrom(r, size, lo, mid)
		if err != nil {
			return false, err
		}
		if start >= hi { // no line begins between mid and hi
			hi = mid
			continue
		}
		switch c := order(line); {
		case c == 0:
			return true, nil
		case c < 0:
			lo = start + int64(len(line)) + 1
		default:
			hi = mid
		}
	}
	return false, nil
}

// lineFrom gives the first line that begins at or after at, where lo is known to be the beginning of one.
func lineFrom(r io.ReaderAt, size, lo, at int64) (start int64, line string, err error) {
	start = at
	b := bufio.NewReaderSize(io.NewSectionReader(r, max(at-1, lo), size), longestLine)
	if at > lo { // begin one before, so that a line that begins exactly at at is found
		skipped, err := b.ReadSlice('\n')
		if errors.Is(err, io.EOF) {
			return size, "", nil
		}
		if err != nil {
			return 0, "", err
		}
		start = at - 1 + int64(len(skipped))
	}
	raw, err := b.ReadSlice('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return 0, "", err
	}
	if len(raw) == 0 {
		return size, "", nil
	}
	return start, strings.TrimSuffix(string(raw), "\n"), nil
}
