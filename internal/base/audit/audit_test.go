package audit_test

import (
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"testing"
	"time"

	"tongban/internal/base/audit"
	"tongban/internal/base/db"
	"tongban/internal/base/dbtest"
)

func TestReadsAreOnRecordBeforeTheAnswerAndChained(t *testing.T) {
	dbtest.Each(t, []db.Room{audit.Schema}, func(t *testing.T, d *db.DB) {
		l := audit.NewLog(d, time.Now, slog.New(slog.NewTextHandler(io.Discard, nil)))
		defer l.Close()
		var wg sync.WaitGroup
		for i := range 30 {
			wg.Go(func() {
				e := audit.Entry{Actor: "staff:1", Object: fmt.Sprintf("case:%d", i), Subject: "s", Via: "page"}
				if err := l.Read(t.Context(), e); err != nil {
					t.Error(err)
				}
				if es, err := audit.List(t.Context(), d.R(), audit.Filter{Object: e.Object}, "", 5); len(es) != 1 || err != nil {
					t.Errorf("not on record when Read returned: %d, %v", len(es), err)
				}
			})
		}
		wg.Wait()
		if err := l.SequenceNow(t.Context()); err != nil {
			t.Fatal(err)
		}
		if n, err := audit.Verify(t.Context(), d.R()); n != 30 || err != nil {
			t.Errorf("chain of %d, %v", n, err)
		}
		es, err := audit.List(t.Context(), d.R(), audit.Filter{Subject: "s"}, "", 10)
		if err != nil || len(es) != 10 {
			t.Fatalf("first page: %d, %v", len(es), err)
		}
		if rest, err := audit.List(t.Context(), d.R(), audit.Filter{Subject: "s"}, es[9].ID, 100); err != nil || len(rest) != 20 {
			t.Errorf("rest: %d, %v", len(rest), err)
		}
	})
}

func TestAnAlteredOrRemovedEntryShows(t *testing.T) {
	for name, sql := range map[string]string{
		"altered":  `UPDATE audit_entry SET actor = 'staff:2' WHERE seq = 3`,
		"removed":  `DELETE FROM audit_entry WHERE seq = 3`,
		"cut off":  `DELETE FROM audit_entry WHERE seq = 5`,
		"swapped":  `UPDATE audit_entry SET object = 'case:9' WHERE seq = 1`,
		"rehashed": `UPDATE audit_entry SET hash = 'x' WHERE seq = 5`,
	} {
		t.Run(name, func(t *testing.T) {
			d := dbtest.SQLite(t, audit.Schema)
			l := audit.NewLog(d, time.Now, slog.New(slog.NewTextHandler(io.Discard, nil)))
			defer l.Close()
			for range 5 {
				if err := l.Read(t.Context(), audit.Entry{Actor: "staff:1"}); err != nil {
					t.Fatal(err)
				}
			}
			if err := l.SequenceNow(t.Context()); err != nil {
				t.Fatal(err)
			}
			if err := d.Tx(t.Context(), func(ctx context.Context, tx *db.Tx) error { _, err := tx.ExecContext(ctx, sql); return err }); err != nil {
				t.Fatal(err)
			}
			if _, err := audit.Verify(t.Context(), d.R()); err == nil {
				t.Error("the chain still verifies")
			}
		})
	}
}

// places is a sealer that shows for which place it was asked.
type places struct{}

func (places) SealText(aad, text string) []byte { return []byte(aad + "=" + text) }

func TestAnAddressIsSealedForItsOwnRow(t *testing.T) {
	e := audit.Entry{Actor: "staff:1"}.From(places{}, "192.0.2.7")
	got, err := base64.StdEncoding.DecodeString(e.Origin)
	if err != nil || e.ID == "" || string(got) != "audit_entry.origin."+e.ID+"=192.0.2.7" {
		t.Errorf("entry %s: origin %q, %v", e.ID, got, err)
	}
	if e := (audit.Entry{}).From(nil, "192.0.2.7"); e.Origin != "" {
		t.Errorf("an address without a sealer: %q", e.Origin)
	}
}
