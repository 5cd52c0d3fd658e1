package archive

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/emmansun/gmsm/sm3"

	"tongban/internal/base/errs"
	"tongban/internal/domain/cases"
	"tongban/internal/engine/clock"
	"tongban/internal/engine/seal"
)

// Results are the ways a case ends, as schedules name them: the outcome of a decision, or the state of an end without one.
var Results = []string{
	string(cases.Grant), string(cases.Partly), string(cases.Refuse), string(cases.Refused), string(cases.Withdrawn), string(cases.Terminated),
	string(cases.Lapsed), string(cases.Transferred), string(cases.Voided),
}

// resultOf is how a case ended; empty while it has not. An archived case keeps the state it had before.
func resultOf(c cases.Case, history []cases.HistoryEntry) string {
	if c.State.Open() {
		return ""
	}
	if c.Outcome != "" {
		return string(c.Outcome)
	}
	st := c.State
	for i := len(history) - 1; i >= 0 && st == cases.Archived; i-- {
		st = history[i].From
	}
	if slices.Contains(Results, string(st)) {
		return string(st)
	}
	return ""
}

// endedAt is when a case ended: the last change of its state before the archive.
func endedAt(d cases.Dossier) time.Time {
	if !d.Case.Concluded.IsZero() {
		return d.Case.Concluded
	}
	at := d.Case.Updated
	for i := len(d.History) - 1; i >= 0; i-- {
		if h := d.History[i]; h.From != h.To && h.To != cases.Archived {
			return h.At
		}
	}
	return at
}

// part is one file on its way into a package.
type part struct {
	Entry
	open func() (io.ReadCloser, error)
	crc  uint32
}

// pack gathers the parts of a package.
type pack struct {
	parts []part
	err   error
}

func (p *pack) bytes(e Entry, b []byte) {
	p.parts = append(p.parts, part{Entry: e, open: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(b)), nil }})
}

// json adds a record as it stands in the system.
func (p *pack) json(e Entry, v any) {
	b, err := json.Marshal(v)
	if err != nil {
		p.err = errors.Join(p.err, err)
		return
	}
	e.MIME = "application/json"
	if e.Origin == "" {
		e.Origin = OriginPlatform
	}
	p.bytes(e, append(b, '\n'))
}

// extensions by kind of content; files were taken in by their content, so nothing else can be there.
var extensions = map[string]string{"application/pdf": "pdf", "image/jpeg": "jpg", "image/png": "png", "text/plain; charset=utf-8": "txt", "application/json": "json"}

func extension(mime string) string {
	if e := extensions[mime]; e != "" {
		return e
	}
	return "bin"
}

// measure reads a part once for size, SM3 and CRC. What it should be is compared: a file altered in the store goes into no package.
func (p *part) measure(ctx context.Context) error {
	r, err := p.open()
	if err != nil {
		return fmt.Errorf("open %s: %w", p.Path, err)
	}
	defer func() { _ = r.Close() }() // only read
	sum, crc := sm3.New(), crc32.NewIEEE()
	n, err := io.Copy(io.MultiWriter(sum, crc), &cancelled{ctx, r})
	if err != nil {
		return fmt.Errorf("read %s: %w", p.Path, err)
	}
	digest := hex.EncodeToString(sum.Sum(nil))
	if p.SM3 != "" && (p.SM3 != digest || p.Size != n) {
		return errs.New(errs.Conflict, "archive.altered_in_store", errs.P{"path": p.Path})
	}
	p.Size, p.SM3, p.crc = n, digest, crc.Sum32()
	return nil
}

// cancelled reads until ctx ends.
type cancelled struct {
	ctx context.Context
	r   io.Reader
}

func (c *cancelled) Read(b []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.r.Read(b)
}

// seal measures every part, completes the manifest and signs it.
func (p *pack) seal(ctx context.Context, m Manifest, s seal.Signer) (head []part, err error) {
	if p.err != nil {
		return nil, p.err
	}
	names := map[string]bool{manifestName: true, signatureName: true, signerName: true}
	for i := range p.parts {
		x := &p.parts[i]
		if names[strings.ToLower(x.Path)] || path.Clean(x.Path) != x.Path {
			return nil, fmt.Errorf("archive: %s stands in a package twice", x.Path)
		}
		names[strings.ToLower(x.Path)] = true
		if err := x.measure(ctx); err != nil {
			return nil, err
		}
		m.Entries = append(m.Entries, x.Entry)
	}
	certs := chainPEM(s)
	m.Signer = Signer{Name: s.Chain()[0].Subject.CommonName, Algorithm: signAlgorithm, Certificates: digestOf(certs)}
	body, err := m.encode()
	if err != nil {
		return nil, err
	}
	if len(body) > manifestMost {
		return nil, errTooMuch
	}
	sig, err := s.Sign(body)
	if err != nil {
		return nil, err
	}
	var own pack
	own.bytes(Entry{Path: manifestName}, body)
	own.bytes(Entry{Path: signatureName}, sig)
	own.bytes(Entry{Path: signerName}, certs)
	for i := range own.parts {
		if err := own.parts[i].measure(ctx); err != nil {
			return nil, err
		}
	}
	return own.parts, nil
}

// writeBox writes measured parts as a package.
func writeBox(ctx context.Context, w io.Writer, parts ...[]part) error {
	b := &boxWriter{w: w}
	for _, p := range slices.Concat(parts...) {
		r, err := p.open()
		if err != nil {
			return err
		}
		err = b.add(p.Path, p.Size, p.crc, &cancelled{ctx, r})
		if err := errors.Join(err, r.Close()); err != nil {
			return err
		}
	}
	return b.close()
}

// day is a date in China, empty for a time that has not come.
func day(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(clock.Shanghai).Format(time.DateOnly)
}
