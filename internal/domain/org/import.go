package org

import (
	"context"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"

	"tongban/internal/base/audit"
	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/base/event"
	"tongban/internal/base/ident"
	"tongban/internal/base/job"
	"tongban/internal/engine/cnid"
)

// The states of an import.
const (
	importChecked  = "checked"
	importProposed = "proposed"
	importApproved = "approved"
	importRefused  = "refused"
	importDone     = "done"
)

// RowFinding is one thing wrong with a cell: Line as the file counts it, Column the place in Columns.
type RowFinding struct {
	Line   int    `json:"line"`
	Column int    `json:"column"`
	Key    string `json:"key"`
	Params errs.P `json:"params,omitempty"`
}

// Import is a table of staff on its way in.
type Import struct {
	ID, By, State, Proposal string
	At                      time.Time
	Findings                []RowFinding
	Total, Done, Made       int
	New, Changed, Same      int // what the dry run found
	rows                    []Row
}

type importDoc struct {
	Rows    []Row `json:"rows"`
	New     int   `json:"new"`
	Changed int   `json:"changed"`
	Same    int   `json:"same"`
}

// ImportKind is the job that carries an approved table out.
const ImportKind = "org.import"

// chunk is how many rows one transaction takes.
const chunk = 250

// CheckTable is the dry run of a table of staff: it keeps the rows, sealed, with everything that is wrong with them, and changes nothing. Errors
// are those of ReadTable and errs.Forbidden.
func (s *Service) CheckTable(ctx context.Context, a authz.Actor, data []byte) (id string, err error) {
	if err := may(a, authz.PowerReview); err != nil {
		return "", err
	}
	rows, err := ReadTable(data)
	if err != nil {
		return "", err
	}
	n, err := s.snap(ctx)
	if err != nil {
		return "", err
	}
	now := s.now()
	im := Import{ID: ident.New(), By: a.StaffID, At: now, State: importChecked, Total: len(rows), rows: rows}
	n.tryRows(&im, a, now)
	err = s.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := s.putImport(ctx, tx, im); err != nil {
			return err
		}
		return audit.Tx(ctx, tx, now, s.entry(a, "org.import_check", "import:"+im.ID, strconv.Itoa(im.Total)))
	})
	return im.ID, err
}

// tryRows goes through all rows on a copy of what is stored and gives the regions they reach.
func (n *snapshot) tryRows(im *Import, a authz.Actor, now time.Time) (regions []string) {
	m := n.with(delta{})
	r := m.reach(a, authz.Security, now)
	for _, row := range im.rows {
		c, d, fs := m.planRow(row, "", now)
		if len(fs) == 0 {
			touched, _ := m.touched(c, d, now)
			if !slices.ContainsFunc(touched, func(code string) bool { return !r.covers(code) }) {
				for _, code := range touched {
					if !slices.Contains(regions, code) {
						regions = append(regions, code)
					}
				}
			} else {
				fs = []RowFinding{{Line: row.Line, Column: colAgency, Key: "org.row_reach"}}
			}
		}
		im.Findings = append(im.Findings, fs...)
		if len(fs) > 0 {
			continue
		}
		switch c.Kind {
		case Join:
			im.New++
		case Grant:
			im.Changed++
		default:
			im.Same++
			continue
		}
		m.apply(d)
	}
	return regions
}

// columnOf tells in which column a finding about a change belongs.
var columnOf = map[string]int{"login": colLogin, "staff": colLogin, "name": colName, "phone": colPhone, "agency": colAgency, "posts": colPosts, "from": colFrom, "until": colUntil}

// planRow turns a row into a change: a new account, more posts for one that is there, or nothing (Kind ""). What an account is called and where
// it works is not changed by a table.
func (n *snapshot) planRow(row Row, proposal string, now time.Time) (Change, delta, []RowFinding) {
	cell := func(i int) string { return row.Cells[i] }
	c := Change{
		Kind: Join, StaffID: ident.New(), Login: strings.ToLower(cell(colLogin)), Name: cell(colName), Phone: plainNumber(cell(colPhone)),
		Agency: cell(colAgency), Posts: splitPosts(cell(colPosts)), From: cellDate(cell(colFrom)), Until: cellDate(cell(colUntil)),
	}
	var out []RowFinding
	add := func(col int, key string, p errs.P) { out = append(out, RowFinding{row.Line, col, key, p}) }
	if i, ok := n.staffName[c.Login]; ok {
		st := n.account(i, now)
		c.Kind, c.StaffID = Grant, st.ID
		if name, err := cnid.NormalName(c.Name); err != nil || name != st.Name {
			add(colName, "org.row_differs", errs.P{"column": Columns[colName]})
		}
		if phone, err := cnid.ParseMobile(c.Phone); err != nil || phone != st.Phone {
			add(colPhone, "org.row_differs", errs.P{"column": Columns[colPhone]})
		}
		if c.Agency != st.Agency {
			add(colAgency, "org.row_differs", errs.P{"column": Columns[colAgency]})
		}
		var f findings
		from, until := c.term(&f, now)
		missing := slices.DeleteFunc(slices.Clone(c.Posts), func(p string) bool {
			return slices.ContainsFunc(n.held[st.ID], func(h Holding) bool { return h.For == "" && h.Post == p && h.meets(from, until) })
		})
		if len(out)+len(f) == 0 && len(c.Posts) > 0 && len(missing) == 0 {
			c.Kind = ""
			return c, delta{}, nil
		}
		c.Posts = missing
	}
	for _, p := range c.Posts {
		if isAdmin(n.rolesOf(p)) {
			add(colPosts, "org.row_admin", errs.P{"post": p})
		}
	}
	d, f := n.plan(c, proposal, now)
	for _, x := range f {
		add(columnOf[x.Path], x.Key, x.Params)
	}
	return c, d, out
}

// splitPosts reads post keys with any of the signs people put between them.
func splitPosts(v string) []string {
	var out []string
	for _, k := range strings.FieldsFunc(v, func(r rune) bool { return strings.ContainsRune(" \r\n\t,，、;；", r) }) {
		if !slices.Contains(out, k) {
			out = append(out, k)
		}
	}
	return out
}

// plainNumber undoes the spelling of spreadsheets for long numbers, 1.9900000001E+10.
func plainNumber(v string) string {
	if !strings.ContainsAny(v, "eE") {
		return v
	}
	if x, err := strconv.ParseFloat(v, 64); err == nil && x > 0 && x < 1e15 {
		return strconv.FormatFloat(x, 'f', 0, 64)
	}
	return v
}

// cellDate reads a date as people and spreadsheets write it; what is none stays and is found wrong later.
func cellDate(v string) string {
	for _, layout := range []string{"2006-1-2", "2006/1/2", "2006.1.2", "20060102", "2006年1月2日"} {
		if d, err := time.Parse(layout, v); err == nil {
			return d.Format(time.DateOnly)
		}
	}
	if x, err := strconv.ParseFloat(v, 64); err == nil && x > 20000 && x < 100000 { // days since 1899-12-30, the date cells of spreadsheets
		return time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC).AddDate(0, 0, int(x)).Format(time.DateOnly)
	}
	return v
}

// ProposeImport turns a table without findings into one proposal. Errors: errs.Conflict "org.import_moved", errs.Invalid "org.import_findings",
// "org.import_nothing".
func (s *Service) ProposeImport(ctx context.Context, a authz.Actor, id, reason string) (proposal string, err error) {
	if err := may(a, authz.PowerReview); err != nil {
		return "", err
	}
	now := s.now()
	p := Proposal{ID: ident.New(), Change: Change{Kind: Table, Import: id}, Reason: strings.TrimSpace(reason), By: a.StaffID, At: now, State: Open}
	return p.ID, s.power(ctx, func(ctx context.Context, tx *db.Tx, n *snapshot) error {
		im, err := s.importOf(ctx, tx, id)
		if err != nil {
			return err
		}
		if im.By != a.StaffID {
			return errs.New(errs.NotFound, "org.no_import")
		}
		im.Findings, im.New, im.Changed, im.Same = nil, 0, 0, 0
		p.Regions = n.tryRows(&im, a, now)
		switch {
		case len(im.Findings) > 0:
			return errs.New(errs.Invalid, "org.import_findings")
		case im.New+im.Changed == 0:
			return errs.New(errs.Invalid, "org.import_nothing")
		}
		if err := linkImport(ctx, tx, id, p.ID); err != nil {
			return err
		}
		return s.propose(ctx, tx, n, a, p)
	})
}

// OpenImport gives a table with its findings to the officer who brought it or one who may review it, and records that it was seen.
func (s *Service) OpenImport(ctx context.Context, a authz.Actor, id string) (Import, []Row, error) {
	if err := may(a, authz.PowerReview); err != nil {
		return Import{}, nil, err
	}
	im, err := s.importOf(ctx, s.db.R(), id)
	if err != nil {
		return im, nil, err
	}
	if im.By != a.StaffID {
		p, err := s.proposal(ctx, s.db.R(), im.Proposal)
		if err != nil {
			return Import{}, nil, errs.New(errs.NotFound, "org.no_import")
		}
		n := s.all(ctx)
		if n.reach(a, authz.Security, s.now()).mustCover(p.Regions...) != nil {
			return Import{}, nil, errs.New(errs.NotFound, "org.no_import")
		}
	}
	return im, im.rows, s.seen(ctx, a, "import:"+id, "org.staff_name,org.staff_phone")
}

type importArgs struct {
	ID string `json:"id"`
}

// startImport lets the job carry an approved table out.
func startImport(ctx context.Context, tx *db.Tx, now time.Time, id string) error {
	if err := turnImport(ctx, tx, id, importProposed, importApproved); err != nil {
		return err
	}
	return job.EnqueueTx(ctx, tx, now, job.Spec{Kind: ImportKind, Key: id, Args: importArgs{id}})
}

// Workers are the room's jobs.
func (s *Service) Workers() map[string]job.Worker {
	return map[string]job.Worker{ImportKind: func(ctx context.Context, j job.Job) error {
		var a importArgs
		if err := json.Unmarshal(j.Args, &a); err != nil {
			return job.Permanent(err)
		}
		return s.CarryOut(ctx, a.ID)
	}, TellKind: s.tell}
}

// CarryOut writes the rows of an approved table, some in each transaction; after a crash it goes on where it stopped. A row that has become
// wrong meanwhile is left out and stays among the findings.
func (s *Service) CarryOut(ctx context.Context, id string) error {
	for {
		left, err := s.carryChunk(ctx, id)
		if err != nil || !left {
			return err
		}
	}
}

func (s *Service) carryChunk(ctx context.Context, id string) (left bool, err error) {
	err = s.power(ctx, func(ctx context.Context, tx *db.Tx, n *snapshot) error {
		left = false
		im, err := s.importOf(ctx, tx, id)
		if err != nil || im.State != importApproved {
			return err
		}
		p, err := s.proposal(ctx, tx, im.Proposal)
		if err != nil {
			return err
		}
		end := min(im.Done+chunk, len(im.rows))
		for _, row := range im.rows[im.Done:end] {
			made, fs, err := s.carryRow(ctx, tx, n, p, row)
			if err != nil {
				return err
			}
			im.Findings = append(im.Findings, fs...)
			im.Made += made
		}
		state := importApproved
		if left = end < len(im.rows); !left {
			state = importDone
		}
		return s.stepImport(ctx, tx, im, end, state)
	})
	return left, err
}

func (s *Service) carryRow(ctx context.Context, tx *db.Tx, n *snapshot, p Proposal, row Row) (made int, fs []RowFinding, err error) {
	now := s.now()
	c, d, fs := n.planRow(row, p.ID, now)
	if len(fs) > 0 || c.Kind == "" {
		return 0, fs, nil
	}
	if err := s.write(ctx, tx, d); err != nil {
		return 0, nil, err
	}
	n.apply(d)
	if d.account != nil && d.account.Version > 0 {
		n.staff[n.staffID[c.StaffID]].Version++
	} else if d.account != nil {
		n.staff[n.staffID[c.StaffID]].Version = 1
	}
	if c.Kind != Join { // a new account has no session to tell
		if err := event.Publish(ctx, tx, now, StaffChanged{StaffID: c.StaffID}); err != nil {
			return 0, nil, err
		}
	}
	e := audit.Entry{Actor: "staff:" + p.By, Act: "org.power_" + string(c.Kind), Object: "staff:" + c.StaffID, What: written(c, d), Reason: "proposal:" + p.ID}
	return 1, nil, audit.Tx(ctx, tx, now, e)
}

// StaffTable writes the accounts in an officer's reach as the same table, one line for each term, and records the export.
func (s *Service) StaffTable(ctx context.Context, a authz.Actor, agency string) ([][]string, error) {
	if err := may(a, authz.StaffAdmin); err != nil {
		return nil, err
	}
	n, err := s.snap(ctx)
	if err != nil {
		return nil, err
	}
	now := s.now()
	r := n.reach(a, authz.Security, now)
	out := [][]string{Columns}
	for i, base := range n.staff {
		st := n.account(i, now)
		if st.off || !slices.ContainsFunc(n.regionsOfStaff(base), r.covers) || agency != "" && st.Agency != agency {
			continue
		}
		type term struct{ from, until string }
		posts := map[term][]string{}
		var order []term
		for _, h := range n.held[st.ID] {
			if h.For != "" || !h.meets(now, time.Time{}) {
				continue
			}
			k := term{FirstDay(h.From), LastDay(h.Until)}
			if posts[k] == nil {
				order = append(order, k)
			}
			posts[k] = append(posts[k], h.Post)
		}
		for _, k := range order {
			out = append(out, []string{st.Login, st.Name, st.Phone, st.Agency, strings.Join(posts[k], "、"), k.from, k.until})
		}
	}
	e := s.entry(a, audit.Read, "staff:list", "org.staff_name,org.staff_phone")
	e.Via = "export"
	if s.audit == nil {
		return out, nil
	}
	return out, s.audit.Read(ctx, e)
}
