package catalog

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"io"
	"runtime"
	"slices"
	"strconv"
	"sync"
	"time"

	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/i18n"
	"tongban/internal/domain/catalog/list"
)

func unmarshal(b []byte, v any) error { return json.Unmarshal(b, v) }

// batchOf is how many rows one transaction takes: enough that its cost is that of the rows, few enough that others need not wait for it.
func batchOf(d db.Dialect) int {
	if d == db.Postgres {
		return 5000
	}
	return 2000
}

// importRun reads, judges and writes one list. Reading and judging run ahead of writing by one batch, on all processors.
type importRun struct {
	s      *Service
	p      progress
	report Report
	find   agencyIndex
	judge  *judge
	memory *memoryOf
	reader *list.Reader
	close  func()
	cancel context.CancelFunc
	ahead  chan judgedBatch
	free   chan []judged
	known  known
	left   judgedBatch // of which some pieces are written
	pace   pace
	idle   *time.Timer
	turns  int
}

type judgedBatch struct {
	rows  []*judged
	slab  []judged // where the rows stand
	parts [][]byte // findings for the full list, of pieceRows rows each
	last  bool
	long  bool // the list has more rows than one batch
	err   error
}

// newRun opens a list and begins to read behind the last checkpoint.
func (s *Service) newRun(ctx context.Context, p progress, src list.Source, done func()) (*importRun, error) {
	b, err := list.Open(src)
	if err != nil {
		return nil, err
	}
	codes, err := s.codesOf(ctx, p.From)
	if err != nil {
		return nil, err
	}
	r, err := list.NewReader(b, codes)
	if err != nil {
		return nil, err
	}
	find := s.offices(ctx)
	memory := newMemoryOf()
	run := &importRun{s: s, p: p, find: find, memory: memory, pace: paceOf(s.db.Dialect()), reader: r, close: done, judge: s.judge(context.WithoutCancel(ctx), find, r, memory.seed)}
	if p.behind > 0 {
		if run.report, err = reportOf(ctx, s.db.R(), p.ID); err != nil {
			return nil, errors.Join(err, r.Close())
		}
		run.report.columns = run.judge.columns
	} else {
		run.report = Report{ID: p.ID, Name: p.Name, DryRun: p.State == ImportChecking, From: codes.System, Format: r.Format, Encoding: r.Encoding, Ignored: r.Ignored, Kinds: []Kind{}, Lines: []RowReport{}, columns: run.judge.columns}
		for _, f := range r.Notes {
			run.report.note(&judged{findings: []RowFinding{{Sheet: f.Sheet, Column: f.Column, Value: f.Value, Key: f.Key, params: f.Params}}})
		}
	}
	work, cancel := context.WithCancel(context.WithoutCancel(ctx))
	run.cancel, run.ahead, run.free = cancel, make(chan judgedBatch, 1), make(chan []judged, 2)
	go run.read(work)
	return run, nil
}

// stop ends the reading and lets go of the file.
func (r *importRun) stop() { r.cancel() }

// read judges batch after batch until the list ends or nobody wants it any more.
func (r *importRun) read(ctx context.Context) {
	defer func() {
		_ = r.reader.Close()
		r.close()
	}()
	size, piece := batchOf(r.s.db.Dialect()), pieceRows
	if r.s.db.Dialect() == db.Postgres {
		piece = size
	}
	skip := r.p.behind
	for {
		raws, err := r.raws(ctx, size)
		last := errors.Is(err, io.EOF)
		b := judgedBatch{last: last}
		if err != nil && !last {
			b.err = err
		} else {
			b.slab = r.room(len(raws))
			b.long = len(raws) == size
			b.rows, b.err = r.judgeAll(b.slab, raws, skip)
			for from := 0; from < len(b.rows) && b.err == nil; from += piece {
				var part []byte
				part, b.err = partOf(b.rows[from:min(from+piece, len(b.rows))], r.judge.columns, r.p.State)
				b.parts = append(b.parts, part)
			}
			skip -= min(skip, len(raws))
		}
		if len(b.rows) == 0 && b.err == nil && !last {
			continue // still behind the checkpoint
		}
		select {
		case r.ahead <- b:
		case <-ctx.Done():
			return
		}
		if b.err != nil || last {
			return
		}
	}
}

func partOf(rows []*judged, columns list.Columns, state string) ([]byte, error) {
	p := findingsPart{columns: columns, before: state == ImportChecking}
	for _, j := range rows {
		p.add(j)
	}
	return p.bytes()
}

func (r *importRun) raws(ctx context.Context, n int) ([]list.Raw, error) {
	out := make([]list.Raw, 0, n)
	for len(out) < n {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		raw, err := r.reader.Next()
		if err != nil {
			return out, err
		}
		out = append(out, raw)
	}
	return out, nil
}

// judgeAll judges rows each for itself, then in their order against those before, then makes what is stored. The first skip rows are only remembered: they were
// written before a crash.
func (r *importRun) judgeAll(slab []judged, raws []list.Raw, skip int) ([]*judged, error) {
	rows := make([]*judged, len(raws))
	each(len(raws), func(i int) {
		rows[i] = &slab[i]
		r.judge.one(rows[i], r.reader.Build(raws[i]), raws[i])
	})
	for _, j := range rows {
		r.memory.repeats(j)
		r.memory.similar(j)
	}
	rows = rows[min(skip, len(rows)):]
	failed := make([]error, len(rows))
	each(len(rows), func(i int) { failed[i] = r.judge.settle(rows[i]) })
	return rows, errors.Join(failed...)
}

// room gives a place for the rows of a batch: that of one that is written, or a new one.
func (r *importRun) room(n int) []judged {
	select {
	case slab := <-r.free:
		if n <= cap(slab) {
			return slab[:n]
		}
	default:
	}
	return make([]judged, n)
}

// leave gives the place of a batch to the next ones. Nothing that outlives the batch points into it.
func (r *importRun) leave(b judgedBatch) {
	select {
	case r.free <- b.slab:
	default:
	}
}

// each runs fn for 0 to n-1 on all processors.
func each(n int, fn func(i int)) {
	var wg sync.WaitGroup
	workers := runtime.GOMAXPROCS(0)
	const chunk = 64
	next := make(chan int, (n+chunk-1)/chunk)
	for i := 0; i < n; i += chunk {
		next <- i
	}
	close(next)
	for range workers {
		wg.Go(func() {
			for from := range next {
				for i := from; i < min(from+chunk, n); i++ {
					fn(i)
				}
			}
		})
	}
	wg.Wait()
}

// step takes one batch, or on SQLite a piece of it, to its end; more is false when the list is over in this state. When ctx ends before a batch is ready, it may be called again.
func (r *importRun) step(ctx context.Context) (more bool, err error) {
	if len(r.left.parts) == 0 {
		wait, cancel := context.WithTimeout(ctx, slice)
		defer cancel()
		select {
		case r.left = <-r.ahead:
		case <-wait.Done():
			return true, ctx.Err()
		}
		if r.left.err != nil {
			return false, r.left.err
		}
	}
	b := r.left.piece(r.pace.rows)
	next, behind := Report{}, r.p.behind+len(b.rows)
	began := r.s.now()
	err = r.s.db.TxQueue(ctx, func(ctx context.Context, tx *db.Tx) error {
		next = r.report.clone()
		return r.batch(ctx, tx, b, &next, behind)
	})
	if err != nil {
		return false, err
	}
	r.report, r.p.behind, r.known.seq = next, behind, r.known.next
	breathe(ctx, r.pace.wrote(len(b.rows), r.s.now().Sub(began)))
	if len(r.left.parts) > 0 {
		return true, nil
	}
	r.leave(b)
	if b.last {
		return false, r.end(ctx)
	}
	return true, nil
}

// batch writes a batch with its checkpoint, or in a dry run only the checkpoint.
func (r *importRun) batch(ctx context.Context, tx *db.Tx, b judgedBatch, next *Report, behind int) error {
	now := r.s.now()
	seq, err := lockCatalog(ctx, tx, r.p.State == ImportLoading)
	if err != nil {
		return err
	}
	was, err := r.known.lines(ctx, tx, seq, b)
	if err != nil {
		return err
	}
	outcomes(was, b.rows)
	r.known.next = seq
	if r.p.State == ImportLoading {
		w := &bulk{writer: r.s.writer(tx, r.find), now: now, rows: b.rows}
		if err := w.write(ctx, was); err != nil {
			return err
		}
		r.known.next = max(seq, w.seq)
	}
	part := findingsPart{columns: r.judge.columns, before: r.p.State == ImportChecking} // of rows that turn out to be a pack's
	for _, j := range b.rows {
		if j.refuseTaken() {
			part.add(j)
		}
		if j.row == 0 { // the end of the list, with what no item took
			next.note(j)
		} else {
			next.add(j)
		}
	}
	late, err := part.bytes()
	if err != nil {
		return err
	}
	if err := putPart(ctx, tx, r.p.ID, behind, slices.Concat(append(slices.Clone(b.parts), late)...)); err != nil {
		return err
	}
	return checkpoint(ctx, tx, now, r.p, behind, r.report, *next)
}

// refuseTaken reports a row whose key belongs to a pack.
func (j *judged) refuseTaken() bool {
	if j.taken == "" {
		return false
	}
	if !j.rejected { // not yet: a transaction may run again
		j.findings = nil // the others are in the full list already
		j.reject(j.codeColumn, j.code, "catalog.other_pack", map[string]any{"key": j.item.Key, "pack": j.taken})
	}
	return true
}

func (r Report) clone() Report {
	c := r
	c.at, c.values = nil, nil
	c.Kinds = append([]Kind{}, r.Kinds...)
	for i := range c.Kinds {
		c.Kinds[i].Rows = append([][2]int{}, c.Kinds[i].Rows...)
	}
	c.Lines, c.Sample = r.Lines[:len(r.Lines):len(r.Lines)], r.Sample[:len(r.Sample):len(r.Sample)]
	return c
}

// end takes the import to its next state.
func (r *importRun) end(ctx context.Context) error {
	now := r.s.now()
	return r.s.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		if r.p.State == ImportLoading {
			return r.s.overTx(ctx, tx, now, r.p, ImportDone, nil)
		}
		if err := moveImport(ctx, tx, now, r.p.ID, ImportChecking, ImportChecked); err != nil || !r.p.straight {
			return err
		}
		return r.s.loadTx(ctx, tx, r.p)
	})
}

// findingsPart is a piece of the full list of findings.
type findingsPart struct {
	columns list.Columns
	before  bool // of a check: nothing is written yet
	b       bytes.Buffer
	z       *gzip.Writer
	c       *csv.Writer
	cells   []string
}

func (p *findingsPart) add(j *judged) {
	for _, f := range j.findings {
		if p.c == nil {
			p.z, _ = gzip.NewWriterLevel(&p.b, gzip.BestSpeed) // a valid level
			p.c = csv.NewWriter(p.z)
		}
		row, sheet := j.row, j.sheet
		if f.Row > 0 {
			row, sheet = f.Row, f.Sheet
		}
		if f.phrase == nil {
			f.phrase = newPhrase(&f)
		}
		head, letter := p.columns.Of(f.Sheet, f.Column)
		p.cells = append(p.cells[:0], sheet, strconv.Itoa(row), safeCell(list.ColumnText(i18n.Chinese, head, letter)), safeCell(f.Value), i18n.In(i18n.Chinese, j.fate(p.before)), safeCell(j.item.Name), f.phrase.text, f.Key)
		_ = p.c.Write(p.cells)
	}
}

// fate says what becomes of the row, as far as the row itself decides that.
func (j *judged) fate(before bool) string {
	switch {
	case j.status == Repeated:
		return "catalog.import_repeated"
	case j.rejected && before:
		return "list.will_not"
	case j.rejected:
		return "list.fate_rejected"
	case before:
		return "list.will"
	}
	return "list.fate_taken"
}

func (p *findingsPart) bytes() ([]byte, error) {
	if p.c == nil {
		return nil, nil
	}
	p.c.Flush()
	err := errors.Join(p.c.Error(), p.z.Close())
	return p.b.Bytes(), err // only now the last bytes are there
}

// ImportFindings writes all findings of an import as CSV: sheet, row, column, value, what became of the row, item, finding, its key. errs.NotFound if there is
// none, or it is another agency's.
func (s *Service) ImportFindings(ctx context.Context, actor authz.Actor, id string, w io.Writer, l i18n.Lang) error {
	if _, err := s.ownImport(ctx, actor, id); err != nil {
		return err
	}
	if _, err := io.WriteString(w, "\ufeff"); err != nil {
		return err
	}
	c := csv.NewWriter(w)
	var heads []string
	for _, k := range []string{"sheet", "row", "column", "value", "outcome", "item", "finding", "code"} {
		heads = append(heads, i18n.In(l, "list.head_"+k))
	}
	if err := c.Write(heads); err != nil {
		return err
	}
	c.Flush()
	pr, pw := io.Pipe()
	go func() { pw.CloseWithError(s.parts(ctx, id, pw)) }()
	defer pr.Close()
	z, err := gzip.NewReader(pr)
	if errors.Is(err, io.EOF) {
		return nil
	}
	if err != nil {
		return err
	}
	_, err = io.Copy(w, z) //nolint:gosec // what this room wrote itself
	return err
}

// importRuns are the lists this process is reading. A list between two jobs waits here, so that it need not be read again from its beginning.
type importRuns struct {
	mu  sync.Mutex
	all map[string]*importRun
}

// parked is how long a list waits for its next job before it is let go.
const parked = 2 * time.Minute

func (rs *importRuns) park(r *importRun) {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	if rs.all == nil {
		rs.all = map[string]*importRun{}
	}
	r.turns++
	rs.all[r.p.ID] = r
	r.idle = time.AfterFunc(parked, func() { rs.drop(r.p.ID) })
}

// take gives a list that stands where the import stands.
func (rs *importRuns) take(p progress) *importRun {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	r := rs.all[p.ID]
	if r == nil || r.p.State != p.State || r.p.behind != p.behind {
		return nil
	}
	delete(rs.all, p.ID)
	r.idle.Stop()
	return r
}

func (rs *importRuns) drop(id string) {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	if r := rs.all[id]; r != nil {
		r.idle.Stop()
		r.stop()
		delete(rs.all, id)
	}
}

// runOf goes on with a list, or opens it anew behind its last checkpoint.
func (s *Service) runOf(ctx context.Context, p progress) (*importRun, error) {
	if r := s.runs.take(p); r != nil {
		return r, nil
	}
	src, done, err := s.listFile(p.file, p.Name)
	if err != nil {
		return nil, err
	}
	r, err := s.newRun(ctx, p, src, done)
	if err != nil {
		done()
	}
	return r, err
}
