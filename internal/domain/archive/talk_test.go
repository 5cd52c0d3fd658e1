package archive_test

import (
	"archive/zip"
	"bytes"
	"context"
	"io"
	"strings"
	"testing"

	"tongban/internal/base/dbtest"
	"tongban/internal/domain/archive"
)

// What was said about a case stands in its package, with what was attached; the four checks hold.
func TestWhatWasSaidStandsInThePackage(t *testing.T) {
	k := newKit(t, dbtest.SQLite(t, rooms...))
	k.Talk = func(context.Context, string) (archive.Talk, error) {
		open := func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader("%PDF-1.4 说明")), nil }
		return archive.Talk{Record: map[string]string{"text": "请问还要多久"}, Files: []archive.TalkFile{{ID: "m1", Name: "说明.pdf", MIME: "application/pdf", Open: open}}}, nil
	}
	_, b := k.archived("0001")
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	k.ok(err)
	for name, want := range map[string]string{"talk/record.json": "请问还要多久", "talk/001.pdf": "说明"} {
		r, err := z.Open(name)
		k.ok(err)
		got, err := io.ReadAll(r)
		k.ok(err)
		if !bytes.Contains(got, []byte(want)) {
			t.Errorf("%s: %s", name, got)
		}
	}
	if cs := k.judge(b); !cs.OK() {
		t.Errorf("%+v", cs)
	}
	k.Talk = func(context.Context, string) (archive.Talk, error) { return archive.Talk{Empty: true}, nil }
	if _, b = k.archived("0002"); bytes.Contains(b, []byte("talk/")) {
		t.Error("a file of nothing")
	}
}
