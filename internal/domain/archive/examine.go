package archive

import (
	"bytes"
	"context"
	"crypto/subtle"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/emmansun/gmsm/sm3"

	"tongban/internal/base/blob"
	"tongban/internal/domain/cases"
	"tongban/internal/engine/seal"
)

// Trust is whom an examination believes, and its time.
type Trust struct {
	Roots [][]byte // PEM
	Now   time.Time
}

// Limits of what is held in memory.
const (
	manifestMost = 32 << 20
	heldMost     = 16 << 20 // a JSON record or signed PDF
	signMost     = 64 << 10
)

// Seen is everything an examination reads of a package in one pass; the four checks judge it and read nothing themselves.
type Seen struct {
	Manifest Manifest
	Digest   string // hex SM3 of the whole package; empty for a folder
	Size     int64
	form     []Finding // what is wrong with the box itself: nothing after it could be read
	signer   []Finding
	extra    []string // of a folder: what no manifest names
	entries  []seenEntry
	chain    Chain
	chainErr error
	events   []cases.Event
	trust    Trust
}

// seenEntry is what was found for an entry of the manifest.
type seenEntry struct {
	read    bool
	digest  string
	size    int64
	mime    string // by content
	badJSON bool
	cutOff  bool // its end is missing
	locked  bool // a PDF that asks for a password
	active  []string
	seal    string // status of a sealed PDF
	sealBad string
}

// Readable reports whether a manifest was found at all.
func (s *Seen) Readable() bool { return s.Manifest.Format != "" }

// Examine reads a package once, from beginning to end, in constant memory. The error is the reader's; what is wrong with the package is in Seen.
func Examine(ctx context.Context, r io.Reader, t Trust) (*Seen, error) {
	s := &Seen{trust: t}
	whole, count := sm3.New(), new(counter)
	b := newBoxReader(io.TeeReader(&cancelled{ctx, r}, io.MultiWriter(whole, count)))
	err := s.box(b)
	if err != nil && !errors.Is(err, errForm) {
		return nil, err
	}
	if err != nil && len(s.form) == 0 {
		at := ""
		if n := len(b.ps); n > 0 {
			at = b.ps[n-1].name
		}
		s.form = append(s.form, grave("archive.form", "path", at))
	}
	if _, err := io.Copy(io.Discard, b.r); err != nil {
		return nil, err
	}
	s.Digest, s.Size = hex.EncodeToString(whole.Sum(nil)), int64(*count)
	return s, nil
}

type counter int64

func (c *counter) Write(b []byte) (int, error) { *c += counter(len(b)); return len(b), nil }

// box reads the package in the order it must have.
func (s *Seen) box(b *boxReader) error {
	head := map[string][]byte{}
	for _, name := range []string{manifestName, signatureName, signerName} {
		p, r, err := b.next()
		if err == nil && p.name != name {
			err = errForm
		}
		if err != nil {
			return unexpectedEnd(err)
		}
		if head[name], err = held(r, p.size, manifestMost); err != nil {
			return err
		}
	}
	if !s.head(head[manifestName], head[signatureName], head[signerName]) {
		return errForm
	}
	for i, e := range s.Manifest.Entries {
		p, r, err := b.next()
		switch {
		case errors.Is(err, io.EOF):
			s.form = append(s.form, grave("archive.missing", "path", e.Path))
			return errForm
		case err != nil:
			return err
		case p.name != e.Path:
			s.form = append(s.form, grave("archive.other", "path", e.Path, "found", printable(p.name)))
			return errForm
		}
		if err := s.entry(i, r); err != nil {
			return err
		}
	}
	p, _, err := b.next()
	if err == nil {
		s.form = append(s.form, grave("archive.extra", "path", printable(p.name)))
		return errForm
	}
	if !errors.Is(err, io.EOF) {
		return err
	}
	return b.end()
}

func unexpectedEnd(err error) error {
	if errors.Is(err, io.EOF) {
		return errForm
	}
	return err
}

func held(r io.Reader, size, most int64) ([]byte, error) {
	if size > most {
		return nil, errForm
	}
	b, err := io.ReadAll(r)
	if err == nil && int64(len(b)) != size {
		err = errForm
	}
	return b, err
}

// printable is a name out of a package as it may be shown.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return '?'
		}
		return r
	}, s)
}

// head reads manifest and signature; false when there is no manifest to go by.
func (s *Seen) head(manifest, sig, certs []byte) bool {
	m, err := decode(manifest)
	if err != nil {
		s.form = append(s.form, grave("archive.bad_manifest"))
		return false
	}
	s.Manifest = m
	s.entries = make([]seenEntry, len(m.Entries))
	chain, ok := certificates(certs)
	switch {
	case !ok || len(certs) > signMost || digestOf(certs) != m.Signer.Certificates:
		s.signer = append(s.signer, grave("archive.bad_certificates"))
	case !signed(chain[0], manifest, sig):
		s.signer = append(s.signer, grave("archive.bad_signature"))
	default:
		root, broken := trusted(chain, s.trust.Roots, m.Made)
		if broken != "" {
			s.signer = append(s.signer, grave(broken, "name", chain[0].Subject.CommonName, "issuer", chain[len(chain)-1].Issuer.CommonName))
			break
		}
		if org := chain[0].Subject.Organization; len(org) == 0 || org[0] != m.Responsible {
			s.signer = append(s.signer, note("archive.other_signer", "name", chain[0].Subject.CommonName, "agency", m.Responsible))
		}
		if testCert(append(chain, root)...) {
			s.signer = append(s.signer, note("archive.test_keys"))
		}
	}
	if !s.trust.Now.IsZero() && m.Made.After(s.trust.Now.Add(10*time.Minute)) {
		s.signer = append(s.signer, grave("archive.future", "time", m.Made.Format(time.RFC3339)))
	}
	return true
}

// Marks in a PDF by which it acts by itself or asks for a password.
var (
	activeMarks = []string{"/JavaScript", "/Launch", "/EmbeddedFiles", "/RichMedia"}
	lockedMark  = "/Encrypt"
)

const markLongest = 16

// entry reads one entry to its end and notes what the checks want to know.
func (s *Seen) entry(i int, r io.Reader) error {
	e, out := s.Manifest.Entries[i], &s.entries[i]
	out.read = true
	sum := sm3.New()
	hold := e.Size <= heldMost && (e.MIME == "application/json" || e.MIME == "application/pdf" && sealedKind(e))
	var all bytes.Buffer
	var head, tail, window []byte
	pdf := e.MIME == "application/pdf"
	buf := make([]byte, 64<<10)
	for {
		n, err := r.Read(buf)
		b := buf[:n]
		out.size += int64(n)
		_, _ = sum.Write(b)
		if hold && out.size <= heldMost {
			_, _ = all.Write(b)
		}
		if room := 512 - len(head); room > 0 {
			head = append(head, b[:min(room, n)]...)
		}
		if pdf {
			window = append(window, b...)
			out.marks(window)
			window = slices.Clone(window[max(0, len(window)-markLongest):])
		}
		tail = append(tail, b...)
		tail = slices.Clone(tail[max(0, len(tail)-1024):])
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
	}
	out.digest = hex.EncodeToString(sum.Sum(nil))
	_, out.mime = blob.Sniff(head)
	out.cutOff = cutOff(e.MIME, tail)
	if hold {
		s.understand(e, out, all.Bytes())
	}
	return nil
}

func sealedKind(e Entry) bool { return e.Kind == KindPaper || e.Kind == KindLicence }

func (x *seenEntry) marks(window []byte) {
	for _, m := range activeMarks {
		if bytes.Contains(window, []byte(m)) && !slices.Contains(x.active, m) {
			x.active = append(x.active, m)
		}
	}
	x.locked = x.locked || bytes.Contains(window, []byte(lockedMark))
}

// cutOff reports whether a file lacks the end its kind has.
func cutOff(mime string, tail []byte) bool {
	switch mime {
	case "application/pdf":
		return !bytes.Contains(tail, []byte("%%EOF"))
	case "image/jpeg":
		return !bytes.Contains(tail, []byte{0xFF, 0xD9})
	case "image/png":
		return !bytes.Contains(tail, []byte("IEND"))
	}
	return false
}

// understand reads what is held whole: records, the chain of events, sealed papers.
func (s *Seen) understand(e Entry, x *seenEntry, b []byte) {
	if e.MIME == "application/json" {
		x.badJSON = !json.Valid(b)
	}
	switch {
	case e.Path == eventsPath:
		s.chain, s.events, s.chainErr = readChain(s.Manifest.Case.No, b)
	case e.MIME == "application/pdf":
		t, err := seal.NewTrust(s.trust.Roots...)
		if err != nil {
			return // the manifest's own signature says that nobody is trusted
		}
		at := s.trust.Now
		if at.IsZero() {
			at = s.Manifest.Made
		}
		r := seal.Verify(b, t, at, nil)
		x.seal = r.Status
		for _, c := range r.Checks {
			if !c.OK {
				x.sealBad = c.Detail
			}
		}
	}
}

// ExamineFolder examines the folder of one package as an export writes it. There is no box: what the manifest does not name counts as added.
func ExamineFolder(ctx context.Context, dir fs.FS, t Trust) (*Seen, error) {
	s := &Seen{trust: t}
	head := map[string][]byte{}
	for _, name := range []string{manifestName, signatureName, signerName} {
		b, err := readSmall(dir, name)
		if err != nil {
			return nil, err
		}
		head[name] = b
	}
	if !s.head(head[manifestName], head[signatureName], head[signerName]) {
		return s, nil
	}
	known := map[string]bool{manifestName: true, signatureName: true, signerName: true}
	for i, e := range s.Manifest.Entries {
		known[e.Path] = true
		if err := s.folderEntry(ctx, dir, i); err != nil {
			return nil, err
		}
	}
	err := fs.WalkDir(dir, ".", func(p string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && !known[p] {
			s.extra = append(s.extra, printable(p))
		}
		return err
	})
	return s, err
}

func (s *Seen) folderEntry(ctx context.Context, dir fs.FS, i int) error {
	p := s.Manifest.Entries[i].Path
	if !fs.ValidPath(p) || path.Clean(p) != p {
		return nil // stays unread, and security says why
	}
	f, err := dir.Open(p)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }() // only read
	return s.entry(i, &cancelled{ctx, f})
}

func readSmall(dir fs.FS, name string) ([]byte, error) {
	f, err := dir.Open(name)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }() // only read
	b, err := io.ReadAll(io.LimitReader(f, manifestMost+1))
	if err == nil && len(b) > manifestMost {
		err = errTooMuch
	}
	return b, err
}

// same compares digests.
func same(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }
