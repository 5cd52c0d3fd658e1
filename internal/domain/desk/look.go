package desk

import (
	"context"
	"slices"
	"time"

	"tongban/internal/base/authz"
	"tongban/internal/base/db"
)

// SeenRow is one answer as it was shown; masked values stay masked here.
type SeenRow struct {
	Key   string `json:"key"`
	Label string `json:"label"`
	Value string `json:"value"`
}

// SeenFile is one file that was there.
type SeenFile struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// Seen is what one look at a case showed.
type Seen struct {
	Version int64      `json:"version"`
	Round   int        `json:"round"`
	Events  int        `json:"events"`
	State   string     `json:"state"`
	Rows    []SeenRow  `json:"rows,omitempty"`
	Files   []SeenFile `json:"files,omitempty"`
	At      time.Time  `json:"-"`
}

// visit is how long opening a case again and again is one visit: what was new when it began stays marked as new until it is over.
const visit = 30 * time.Minute

// Look records what an officer is shown of a case now and gives what the visit before showed; ok is false at the first one. Changes that happen during
// a visit begin a new one, so that they too are told.
func (s *Service) Look(ctx context.Context, a authz.Actor, caseID string, is Seen) (before Seen, ok bool, err error) {
	me, err := owner(a)
	if err != nil {
		return before, false, err
	}
	is.At = s.now()
	err = s.d.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		last, prior, err := s.lookTx(ctx, tx, me, caseID)
		if err != nil {
			return err
		}
		switch {
		case last == nil:
		case last.Version != is.Version || is.At.Sub(last.At) > visit:
			before, ok = *last, true
		case prior != nil:
			before, ok = *prior, true
		}
		var keep *Seen
		if ok {
			keep = &before
		}
		return s.putLookTx(ctx, tx, me, caseID, is, keep)
	})
	return before, ok, err
}

// LookedAt gives the version of each case the officer has looked at last; cases never opened are missing.
func (s *Service) LookedAt(ctx context.Context, a authz.Actor, ids []string) (map[string]int64, error) {
	me, err := owner(a)
	if err != nil || len(ids) == 0 {
		return nil, err
	}
	return s.lookedAt(ctx, me, ids)
}

// RowChange is an answer that reads differently now.
type RowChange struct{ Key, Label, Old, New string }

// FileChange is a file that came or went.
type FileChange struct {
	Name  string
	Added bool
}

// Since compares what is shown now with what an earlier look showed.
func Since(was, is Seen) (rows []RowChange, files []FileChange) {
	old := map[string]SeenRow{}
	for _, r := range was.Rows {
		old[r.Key] = r
	}
	for _, r := range is.Rows {
		if o, had := old[r.Key]; !had && r.Value != "" || had && o.Value != r.Value {
			rows = append(rows, RowChange{r.Key, r.Label, o.Value, r.Value})
		}
		delete(old, r.Key)
	}
	for _, r := range was.Rows {
		if _, left := old[r.Key]; left && r.Value != "" {
			rows = append(rows, RowChange{r.Key, r.Label, r.Value, ""})
		}
	}
	has := func(fs []SeenFile, id string) bool {
		return slices.ContainsFunc(fs, func(f SeenFile) bool { return f.ID == id })
	}
	for _, f := range is.Files {
		if !has(was.Files, f.ID) {
			files = append(files, FileChange{f.Name, true})
		}
	}
	for _, f := range was.Files {
		if !has(is.Files, f.ID) {
			files = append(files, FileChange{f.Name, false})
		}
	}
	return rows, files
}
