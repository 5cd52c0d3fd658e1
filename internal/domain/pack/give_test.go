package pack_test

import (
	"archive/zip"
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"tongban/internal/base/db"
	"tongban/internal/base/dbtest"
	"tongban/internal/domain/org"
	"tongban/internal/domain/pack"
)

// posts is a section of agencies that notes which post is given which item; as a shelf it has one post.
type posts struct {
	shelf
	offices
	given []string
	moved int
}

func (p *posts) AllowItemTx(_ context.Context, _ *db.Tx, _ time.Time, post, item, _ string) error {
	p.given = append(p.given, post+" "+item)
	return nil
}

func (p *posts) PowersMoved() { p.moved++ }

func (p *posts) Post(_ context.Context, key string) (org.Post, error) {
	if key != "window" {
		return org.Post{}, errNone
	}
	return org.Post{Key: "window", Agency: "market", Name: "综合窗口岗", Acts: []string{"accept"}, Items: []string{"other"}}, nil
}

const (
	ownFlow = "key: f\nname: 流程\nsteps:\n  - {key: take, name: 受理, kind: accept, post: window}\n  - {key: end, name: 决定, kind: decide, post: POST}\n"
	ownItem = "key: stall\nname: 摊点登记\nagency: market\nonline: full\naudience: ['1']\nflow: f\nresult: {kind: none}\n"
	ownPost = "agencies:\n  - key: market\n    posts:\n      - {key: head, name: 决定岗, acts: [decide], items: []}\n"
)

// A folder made in the browser does not say which posts its items need: publishing gives them, and loading does the same elsewhere.
func TestLoadingGivesPostsTheItem(t *testing.T) {
	dbtest.Each(t, []db.Room{pack.Schema}, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		p := &posts{}
		s := pack.New(d, keys, time.Now, p, p)
		whole := func(item, post string) pack.Pack {
			out, ps := pack.Read(folder(map[string]string{"pack.yaml": headText, "items/a.yaml": item, "flows/f.yaml": strings.Replace(ownFlow, "POST", post, 1), "agencies.yaml": ownPost}))
			if len(ps) > 0 {
				t.Fatal(ps)
			}
			return out
		}
		found := func(of pack.Pack) (out []string) {
			ps, err := s.Check(ctx, of)
			if err != nil {
				t.Fatal(err)
			}
			for _, x := range ps {
				out = append(out, x.Key)
			}
			return out
		}
		// Posts of another agency are given nothing, and no post is given an act.
		if got := found(whole(strings.Replace(ownItem, "agency: market", "agency: civil", 1), "head")); !slices.Equal(got, []string{"pack.post_may_not", "pack.post_may_not"}) {
			t.Errorf("another agency's posts: %v", got)
		}
		if got := found(whole(ownItem, "window")); !slices.Equal(got, []string{"pack.post_no_act"}) {
			t.Errorf("a post without the act: %v", got)
		}
		if len(p.given) > 0 {
			t.Errorf("checking gave %v", p.given)
		}
		if changed, ps, err := s.Load(ctx, whole(ownItem, "head")); !changed || len(ps) > 0 || err != nil {
			t.Fatal(changed, ps, err)
		}
		if want := []string{"window stall", "head stall"}; !slices.Equal(p.given, want) || p.moved != 1 {
			t.Errorf("given %v, want %v; told %d times", p.given, want, p.moved)
		}
	})
}

// Names that are not ASCII come out as they went in, whatever unpacks them.
func TestAZipKeepsItsNames(t *testing.T) {
	name := "files/登记卡样本.pdf"
	p, _ := pack.Read(folder(map[string]string{"pack.yaml": headText, name: "x"}))
	var b bytes.Buffer
	if err := pack.WriteZip(&b, p); err != nil {
		t.Fatal(err)
	}
	z, err := zip.NewReader(bytes.NewReader(b.Bytes()), int64(b.Len()))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range z.File {
		const unix = 3
		if f.CreatorVersion>>8 != unix || !f.Mode().IsRegular() || f.Mode().Perm() != 0o644 {
			t.Errorf("%s: host %d, mode %v", f.Name, f.CreatorVersion>>8, f.Mode())
		}
	}
	unzip, err := exec.LookPath("unzip")
	if err != nil {
		t.Log("unzip is not installed: only the heads of the entries were tested")
		return
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "p.zip"), b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, locale := range []string{"C", "C.UTF-8"} {
		c := exec.CommandContext(t.Context(), unzip, "-q", "-o", "p.zip", "-d", locale)
		c.Dir, c.Env = dir, append(os.Environ(), "LC_ALL="+locale)
		if out, err := c.CombinedOutput(); err != nil {
			t.Fatalf("%s: %v %s", locale, err, out)
		}
		back, ps := pack.Read(os.DirFS(filepath.Join(dir, locale, "small")))
		if len(ps) > 0 || back.Hash() != p.Hash() {
			t.Errorf("%s: %v %+v", locale, ps, back.Files)
		}
	}
}

func TestANameThatIsNoTextIsSaid(t *testing.T) {
	_, ps := pack.Read(fstest.MapFS{"pack.yaml": {Data: []byte(headText)}, "files/\xfe\xd6.pdf": {Data: []byte("x")}})
	if len(ps) != 1 || ps[0].Key != "pack.bad_name" {
		t.Errorf("%+v", ps)
	}
}
