package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"tongban/bench/rig"
	"tongban/internal/base/audit"
	"tongban/internal/base/blob"
	"tongban/internal/base/db"
	"tongban/internal/base/event"
	"tongban/internal/base/job"
	"tongban/internal/domain/catalog"
	"tongban/internal/domain/org"
)

var schema = []db.Room{job.Schema, event.Schema, audit.Schema, blob.Schema, catalog.Schema}

// below is the room below the catalogue: it knows the regions of the country. A platform that was only given lists knows no agency (-known tells it all).
type below struct {
	regions  map[string]bool
	agencies []org.Agency
}

func (b below) Agencies(context.Context) []org.Agency { return b.agencies }

func (b below) HasKey(_ context.Context, kind, key string) bool {
	return kind == "region" && b.regions[key]
}

func (c *country) below(known bool) (below, error) {
	b := below{regions: map[string]bool{}}
	w := c.walk()
	for i, p := range c.places {
		b.regions[p.code] = true
		if w.place = i; !known {
			continue
		}
		clear(w.offices)
		for d := range departments {
			o, err := w.office(d)
			if err != nil {
				return b, err
			}
			b.agencies = append(b.agencies, org.Agency{Key: fmt.Sprintf("a%d-%d", i, d), Code: o.code, Name: o.name, Short: departments[d].name, Region: p.code, Nature: "1", Level: p.level})
		}
	}
	return b, nil
}

// site is a database with the items, and how it is closed.
type site struct {
	*country
	db       *db.DB
	dir      string
	settings []string
	version  string
	server   int // process of an own PostgreSQL
	under    below
	close    func() error
	state    state
}

// state is kept beside the database: what it holds.
type state struct {
	Seed  uint64   `json:"seed"`
	Lists []loaded `json:"lists"`
}

func (s state) items() int {
	n := 0
	for _, l := range s.Lists {
		n += l.Items
	}
	return n
}

func (s *site) stateFile() string { return filepath.Join(s.dir, "items.json") }

func (s *site) remember() error {
	b, err := json.Marshal(s.state)
	if err != nil {
		return err
	}
	return os.WriteFile(s.stateFile(), b, 0o600)
}

// openSite opens the database in a folder, or at an address, and brings its tables up to date.
func openSite(ctx context.Context, c *country, o options, engine string) (*site, error) {
	s := &site{country: c, dir: filepath.Join(o.keep, engine), close: func() error { return nil }, state: state{Seed: c.seed}}
	var err error
	if s.under, err = c.below(o.known); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(s.dir, 0o755); err != nil { //nolint:gosec // PostgreSQL's user passes through
		return nil, err
	}
	if b, err := os.ReadFile(s.stateFile()); err == nil {
		if err := json.Unmarshal(b, &s.state); err != nil || s.state.Seed != c.seed {
			return nil, fmt.Errorf("%s holds items of another seed, or of none: %w", s.dir, err)
		}
	}
	url := o.url
	switch {
	case url != "":
	case engine == string(db.SQLite):
		url = "sqlite:" + filepath.Join(s.dir, "catalog.db")
	default:
		s.settings = rig.SettingsFor(rig.Status("/proc/meminfo", "MemTotal:")<<10, o.slow)
		rig.Say("PostgreSQL with %v", s.settings)
		began := time.Now()
		k, err := rig.StartCluster(ctx, filepath.Join(s.dir, "server"), s.settings)
		if err != nil {
			return nil, err
		}
		rig.Say("PostgreSQL answers after %.1f s on port %d", time.Since(began).Seconds(), k.Port)
		url, s.close, s.server = k.URL("postgres"), k.Stop, k.PID()
	}
	d, err := db.Open(ctx, url, db.Options{})
	if err != nil {
		return nil, errors.Join(err, s.close())
	}
	stop := s.close
	s.db, s.close = d, func() error { return errors.Join(d.Close(), stop()) }
	if err := d.Migrate(ctx, schema...); err != nil {
		return nil, errors.Join(err, s.close())
	}
	q := map[db.Dialect]string{db.SQLite: `SELECT 'SQLite ' || sqlite_version()`, db.Postgres: `SELECT 'PostgreSQL ' || current_setting('server_version')`}[d.Dialect()]
	return s, d.R().QueryRowContext(ctx, q).Scan(&s.version)
}

// service is a node of the platform on this database.
func (s *site) service() *catalog.Service {
	return catalog.New(catalog.Deps{DB: s.db, Org: s.under, Now: time.Now})
}

// sizes are the tables of the catalogue and their indexes.
func (s *site) sizes(ctx context.Context, r *result) error {
	q := `SELECT c.relname, GREATEST(c.reltuples, 0)::bigint, pg_table_size(c.oid), pg_indexes_size(c.oid) FROM pg_class c
		WHERE c.relkind = 'r' AND c.relname LIKE 'catalog%' ORDER BY pg_total_relation_size(c.oid) DESC LIMIT 12`
	total := `SELECT pg_database_size(current_database())`
	if s.db.Dialect() == db.SQLite {
		q = `SELECT m.tbl_name, 0, SUM(CASE WHEN m.type = 'table' THEN d.bytes ELSE 0 END), SUM(CASE WHEN m.type = 'index' THEN d.bytes ELSE 0 END)
			FROM (SELECT name, SUM(pgsize) AS bytes FROM dbstat GROUP BY name) d JOIN sqlite_master m ON m.name = d.name WHERE m.tbl_name LIKE 'catalog%'
			GROUP BY m.tbl_name ORDER BY SUM(d.bytes) DESC LIMIT 12`
		total = `SELECT (SELECT page_count FROM pragma_page_count()) * (SELECT page_size FROM pragma_page_size())`
	}
	var err error
	r.Tables, err = db.All(ctx, s.db.R(), func(rows *db.Rows) (relSize, error) {
		var x relSize
		err := rows.Scan(&x.Name, &x.Rows, &x.MB, &x.IndexMB)
		r.Indexes += x.IndexMB
		x.MB, x.IndexMB = x.MB>>20, x.IndexMB>>20
		return x, err
	}, q)
	if err != nil {
		return err
	}
	r.Indexes >>= 20
	for _, x := range r.Tables {
		rig.Say("  %-24s %9d rows, table %6d MB, indexes %6d MB", x.Name, x.Rows, x.MB, x.IndexMB)
	}
	if err := s.db.R().QueryRowContext(ctx, total).Scan(&r.Size); err != nil {
		return db.Classify(err)
	}
	r.Size >>= 20
	if err := s.db.R().QueryRowContext(ctx, `SELECT COUNT(*) FROM catalog_head`).Scan(&r.Heads); err != nil {
		return db.Classify(err)
	}
	return db.Classify(s.db.R().QueryRowContext(ctx, `SELECT COUNT(DISTINCT key) FROM catalog_tally WHERE kind = 'agency'`).Scan(&r.Offices))
}
