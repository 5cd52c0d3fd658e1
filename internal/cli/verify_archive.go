package cli

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"tongban/internal/base/errs"
	"tongban/internal/base/i18n"
	dossier "tongban/internal/domain/archive" // the package has a function named archive
)

// isArchive reports whether a path is an archive package: a ZIP, or the folder of one package as an export writes it.
func isArchive(path string) bool {
	st, err := os.Stat(path)
	if err != nil {
		return false
	}
	if st.IsDir() {
		_, err := os.Stat(filepath.Join(path, "manifest.json"))
		return err == nil
	}
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	mark := make([]byte, 4)
	_, err = io.ReadFull(f, mark)
	return err == nil && bytes.Equal(mark, []byte("PK\x03\x04"))
}

// archiveReport is what --json prints.
type archiveReport struct {
	OK        bool           `json:"ok"`
	ArchiveNo string         `json:"archive_no,omitempty"`
	CaseNo    string         `json:"case_no,omitempty"`
	Agency    string         `json:"agency,omitempty"`
	Made      *time.Time     `json:"made,omitempty"`
	Retention string         `json:"retention,omitempty"`
	Entries   int            `json:"entries"`
	SM3       string         `json:"sm3,omitempty"` // of the whole file
	Checks    dossier.Checks `json:"checks"`
}

// archive judges an archive package offline, in one pass, whatever its size.
func (c *verifyCmd) archive(e *env) error {
	roots, d, err := c.sources(e.ctx)
	if err != nil {
		return c.unreadable(e, err)
	}
	if d != nil {
		defer d.Close()
	}
	seen, err := c.examine(e, dossier.Trust{Roots: roots, Now: time.Now()})
	if err != nil {
		return c.unreadable(e, err)
	}
	r := archiveReport{Checks: dossier.Judge(seen), SM3: seen.Digest}
	r.OK = r.Checks.OK()
	if m := seen.Manifest; seen.Readable() {
		r.ArchiveNo, r.CaseNo, r.Agency, r.Made, r.Retention, r.Entries = m.ArchiveNo, m.Case.No, m.Responsible, &m.Made, m.Retention.Name, len(m.Entries)
	}
	if err := c.printArchive(e, r); err != nil {
		return err
	}
	if !r.OK {
		return exit(1)
	}
	return nil
}

func (c *verifyCmd) examine(e *env, t dossier.Trust) (*dossier.Seen, error) {
	if st, err := os.Stat(c.File); err == nil && st.IsDir() {
		root, err := os.OpenRoot(c.File)
		if err != nil {
			return nil, err
		}
		defer root.Close()
		return dossier.ExamineFolder(e.ctx, root.FS(), t)
	}
	f, err := os.Open(c.File)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return dossier.Examine(e.ctx, bufio.NewReaderSize(f, 1<<20), t)
}

func (c *verifyCmd) printArchive(e *env, r archiveReport) error {
	if c.JSON {
		return json.NewEncoder(e.out).Encode(r)
	}
	both := func(key string, p errs.P) string {
		return i18n.In(i18n.Chinese, key, p) + "  " + i18n.In(i18n.English, key, p)
	}
	var b strings.Builder
	title := "archive.verify_bad"
	if r.OK {
		title = "archive.verify_good"
	}
	fmt.Fprintln(&b, both(title, nil))
	if r.ArchiveNo != "" {
		fmt.Fprintf(&b, "%s · %s · %s · %s · %s\n", r.ArchiveNo, r.CaseNo, r.Agency, r.Retention, r.Made.Format(time.RFC3339))
		fmt.Fprintln(&b, both("archive.verify_entries", errs.P{"n": r.Entries}))
	}
	for _, k := range r.Checks {
		mark := "✓"
		if !k.OK {
			mark = "✗"
		}
		fmt.Fprintf(&b, "  %s %s\n", mark, both("archive.check_"+k.Name, nil))
		fmt.Fprintf(&b, "      %s\n", both("archive.about_"+k.Name, nil))
		for _, f := range k.Findings {
			sign := "·"
			if f.Grave {
				sign = "✗"
			}
			fmt.Fprintf(&b, "      %s %s\n", sign, both(f.Key, f.P()))
		}
	}
	_, err := io.WriteString(e.out, b.String())
	return err
}
