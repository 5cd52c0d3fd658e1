package crash

import (
	"context"
	"database/sql"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"tongban/internal/base/dbtest"
	"tongban/internal/base/ident"
)

// pg is a server to test on, and a filled database on it to clone.
type pg struct {
	server, name, dir string
}

var filledPG struct {
	once sync.Once
	p    *pg
}

// pgTemplate fills a database and the data folder that belongs to it. The server must run with fsync on: the program refuses any other.
func pgTemplate(t *testing.T) *pg {
	t.Helper()
	at := os.Getenv(dbtest.ServerVar)
	if at == "" {
		t.Fatalf("rounds on PostgreSQL are asked for, but %s names no server: run under go run ./internal/base/dbtest/withpg -fsync", dbtest.ServerVar)
	}
	program(t)
	filledPG.once.Do(func() {
		p := &pg{server: at, name: dbName(), dir: filepath.Join(shared.dir, "filledpg")}
		p.admin(t, `CREATE DATABASE `+p.name)
		s := &server{t: t, dir: p.dir, db: p.url(p.name)}
		s.start()
		s.stop()
		filledPG.p = p
	})
	if filledPG.p == nil {
		t.Fatal("the filled database could not be made")
	}
	return filledPG.p
}

func dbName() string { return "crash" + strings.ReplaceAll(ident.New(), "-", "") }

// clone copies the filled database for one round.
func (p *pg) clone(t *testing.T) string {
	t.Helper()
	name := dbName()
	p.admin(t, `CREATE DATABASE `+name+` TEMPLATE `+p.name)
	t.Cleanup(func() { p.admin(t, `DROP DATABASE IF EXISTS `+name+` WITH (FORCE)`) })
	return p.url(name)
}

func (p *pg) url(name string) string {
	u, err := url.Parse(p.server)
	if err != nil {
		return p.server
	}
	u.Path = "/" + name
	return u.String()
}

func (p *pg) admin(t *testing.T, q string) {
	t.Helper()
	c, err := sql.Open("pgx", p.server)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := c.ExecContext(context.Background(), q); err != nil { // also when the test's own context has ended
		t.Errorf("%s: %v", q, err)
	}
}
