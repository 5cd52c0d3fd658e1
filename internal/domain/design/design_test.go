package design_test

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/dbtest"
	"tongban/internal/base/errs"
	"tongban/internal/domain/catalog"
	"tongban/internal/domain/catalog/item"
	"tongban/internal/domain/design"
	"tongban/internal/domain/pack"
	"tongban/internal/engine/form"
)

func TestANewServiceIsPublishedByThreePeople(t *testing.T) {
	each(t, func(t *testing.T, k *town) {
		ctx := t.Context()
		c := k.draw()
		ps, err := k.Check(ctx, market, c.ID)
		if err != nil || len(ps) > 0 {
			t.Fatalf("findings of a good service: %+v %v", ps, err)
		}
		is(t, k.Publish(ctx, market, c.ID), "design.state")
		is(t, k.Submit(ctx, market, c.ID), "")
		is(t, k.Second(ctx, market, c.ID, ""), "design.same_person")
		is(t, k.Legal(ctx, lawyer, c.ID, ""), "design.state")
		is(t, k.Second(ctx, lawyer, c.ID, ""), "base.forbidden")
		is(t, k.Second(ctx, civil, c.ID, ""), "design.no_change")
		is(t, k.Second(ctx, bureau, c.ID, "内容齐全"), "")
		is(t, k.Legal(ctx, market, c.ID, ""), "base.forbidden")
		both := staff("ning-ke", "hall", authz.ItemOffice, authz.Legal)
		is(t, k.Legal(ctx, both, c.ID, ""), "design.same_person")
		is(t, k.Legal(ctx, lawyer, c.ID, "依据有效"), "")
		if _, err := k.catalog.Item(ctx, "dog-registration"); err == nil {
			t.Error("the item is there before it is published")
		}
		is(t, k.Publish(ctx, market, c.ID), "")
		it, err := k.catalog.Item(ctx, "dog-registration")
		if err != nil || it.Version != 1 || it.Pack != "dog-registration" || !it.Applicable() {
			t.Fatalf("published: %+v %v", it.Key, err)
		}
		for post, act := range map[string]string{"market-window": "accept", "market-review": "review", "market-decide": "decide"} {
			if p, _ := k.org.Post(ctx, post); !p.May(act, "dog-registration") {
				t.Errorf("%s was not given the item: %v", post, p.Items)
			}
		}
		if !k.org.StaffMay(ctx, "lu-zheng", "decide", "dog-registration") {
			t.Error("who decides may not decide")
		}
		_, err = k.Write(ctx, market, c.ID, "forms/dog.yaml", 1, []byte("key: dog\n"))
		is(t, err, "design.closed")
		dbtest.WantCounts(t, k.d, map[string]int{"event_event": dbtest.Count(t, k.d, "event_event", "")})
		if n := dbtest.Count(t, k.d, "event_event", "topic = 'design.published'"); n != 1 {
			t.Errorf("%d times told", n)
		}
		steps, err := k.History(ctx, lawyer, c.ID)
		var acts string
		for _, s := range steps {
			acts += s.Act + " "
		}
		if err != nil || acts != "begin send second legal publish " {
			t.Errorf("history: %s %v", acts, err)
		}
	})
}

func TestRefusedIsADraftAgainAndNothingIsLost(t *testing.T) {
	each(t, func(t *testing.T, k *town) {
		ctx := t.Context()
		c := k.draw()
		before, _ := k.Files(ctx, market, c.ID)
		is(t, k.Submit(ctx, market, c.ID), "")
		is(t, k.Refuse(ctx, bureau, c.ID, " "), "design.invalid")
		is(t, k.Refuse(ctx, bureau, c.ID, "材料名称要与条例一致"), "")
		after, _ := k.Files(ctx, market, c.ID)
		if k.state(c.ID) != design.Draft || len(after) != len(before) {
			t.Error("a refused change is not the draft it was")
		}
		// The second person helps with the text: from now on another one is needed.
		form, err := k.Read(ctx, bureau, c.ID, "forms/dog.yaml")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := k.Write(ctx, bureau, c.ID, form.Path, form.Rev, bytes.Replace(form.Content, []byte("title: 狗"), []byte("title: 狗的情况"), 1)); err != nil {
			t.Fatal(err)
		}
		is(t, k.Submit(ctx, market, c.ID), "")
		is(t, k.Second(ctx, bureau, c.ID, ""), "design.same_person")
		is(t, k.TakeBack(ctx, market, c.ID), "")
		is(t, k.Drop(ctx, market, c.ID), "")
		is(t, k.Submit(ctx, market, c.ID), "design.state")
	})
}

func TestAFindingKeepsAChange(t *testing.T) {
	one(t, func(t *testing.T, k *town) {
		ctx := t.Context()
		c := k.draw()
		f, _ := k.Read(ctx, market, c.ID, "forms/dog.yaml")
		// The field another one's condition names is gone.
		text := bytes.Replace(f.Content, []byte("key: vaccinated, kind"), []byte("key: vaccine, kind"), 1)
		rev, err := k.Write(ctx, market, c.ID, f.Path, f.Rev, text)
		if err != nil {
			t.Fatal(err)
		}
		err = k.Submit(ctx, market, c.ID)
		var w *design.Withheld
		if !errors.As(err, &w) || len(w.Problems) < 2 {
			t.Fatalf("submit: %v", err)
		}
		files := map[string]bool{}
		for _, p := range w.Problems {
			files[p.File] = true
		}
		if !files["forms/dog.yaml"] || !files["items/dog-registration.yaml"] {
			t.Errorf("all findings at once: %v", w.Problems)
		}
		// A post without the act the step needs.
		if _, err := k.Write(ctx, market, c.ID, f.Path, rev, f.Content); err != nil {
			t.Fatal(err)
		}
		fl, _ := k.Read(ctx, market, c.ID, "flows/dog.yaml")
		if _, err := k.Write(ctx, market, c.ID, fl.Path, fl.Rev, bytes.Replace(fl.Content, []byte("kind: decide, post: market-decide"), []byte("kind: decide, post: market-window"), 1)); err != nil {
			t.Fatal(err)
		}
		ps, err := k.Check(ctx, market, c.ID)
		if err != nil || len(ps) != 1 || ps[0].Key != "pack.post_no_act" {
			t.Errorf("a post without the act: %+v %v", ps, err)
		}
	})
}

func TestTheSecondOfTwoEditorsGetsBothTexts(t *testing.T) {
	each(t, func(t *testing.T, k *town) {
		ctx := t.Context()
		c := k.draw()
		var one, two form.Definition
		rev, err := k.ReadAs(ctx, market, c.ID, "forms/dog.yaml", &one)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := k.ReadAs(ctx, bureau, c.ID, "forms/dog.yaml", &two); err != nil {
			t.Fatal(err)
		}
		one.Title, two.Title = "养犬登记申请书", "犬只登记表"
		next, err := k.WriteAs(ctx, market, c.ID, "forms/dog.yaml", rev, one)
		if err != nil || next != rev+1 {
			t.Fatal(next, err)
		}
		_, err = k.WriteAs(ctx, bureau, c.ID, "forms/dog.yaml", rev, two)
		var moved *design.Moved
		if !errors.As(err, &moved) || moved.Rev != next || moved.By != "qiao-bo" || !bytes.Contains(moved.Theirs, []byte("养犬登记申请书")) {
			t.Fatalf("the second editor: %+v %v", moved, err)
		}
		is(t, err, "design.moved")
		if _, err := k.WriteAs(ctx, bureau, c.ID, "forms/dog.yaml", moved.Rev, two); err != nil {
			t.Error("merged and saved again:", err)
		}
		same, err := k.WriteAs(ctx, bureau, c.ID, "forms/dog.yaml", moved.Rev+1, two)
		if err != nil || same != moved.Rev+1 {
			t.Error("saving the same again is a new revision:", same, err)
		}
	})
}

func TestAPublishedItemIsChangedOverWhatOthersPublished(t *testing.T) {
	each(t, func(t *testing.T, k *town) {
		ctx := t.Context()
		start := func() design.Change {
			c, err := k.Start(ctx, market, design.Start{Item: "food-licence-renewal"})
			if err != nil {
				t.Fatal(err)
			}
			return c
		}
		rename := func(c design.Change, name string) {
			it, f, err := k.MainItem(ctx, market, c.ID)
			if err != nil {
				t.Fatal(err)
			}
			it.Short = name
			if _, err := k.WriteAs(ctx, market, c.ID, f.Path, f.Rev, it); err != nil {
				t.Fatal(err)
			}
		}
		first, second := start(), start()
		fs, _ := k.Files(ctx, market, first.ID)
		if len(fs) < 4 || !fs[0].Own() || fs[0].New {
			t.Fatalf("files taken along: %d", len(fs))
		}
		rename(first, "食品证到期了来换")
		rename(second, "食品证延期")
		k.approve(first.ID)
		is(t, k.Publish(ctx, bureau, first.ID), "")
		if it, _ := k.catalog.Item(ctx, "food-licence-renewal"); it.Short != "食品证到期了来换" || it.Version != 2 {
			t.Errorf("published: %s, version %d", it.Short, it.Version)
		}
		if it, _ := k.catalog.Item(ctx, "food-licence-new"); it.Version != 1 {
			t.Error("an item nobody touched has a new version")
		}
		err := k.Submit(ctx, market, second.ID)
		is(t, err, "design.findings")
		f, _ := k.Read(ctx, market, second.ID, "items/food-licence-renewal.yaml")
		is(t, k.Rebase(ctx, market, second.ID, f.Path, f.Rev, true), "")
		k.approve(second.ID)
		is(t, k.Publish(ctx, bureau, second.ID), "")
		if it, _ := k.catalog.Item(ctx, "food-licence-renewal"); it.Short != "食品证延期" || it.Version != 3 {
			t.Errorf("published: %s, version %d", it.Short, it.Version)
		}
	})
}

func TestAChangeIsPublishedAtItsTime(t *testing.T) {
	each(t, func(t *testing.T, k *town) {
		ctx := t.Context()
		c := k.draw()
		k.approve(c.ID)
		at := time.Date(2026, 3, 9, 16, 0, 0, 0, time.UTC) // midnight in Shanghai
		is(t, k.Schedule(ctx, market, c.ID, k.now), "design.invalid")
		is(t, k.Schedule(ctx, market, c.ID, at), "")
		k.now = at.Add(-time.Second)
		if err := k.jobs.Drain(ctx); err != nil || k.state(c.ID) != design.Scheduled {
			t.Fatal("too early", err)
		}
		k.now = at
		if err := k.jobs.Drain(ctx); err != nil || k.state(c.ID) != design.Published {
			t.Fatal("not at its time", err)
		}
		if _, err := k.catalog.Item(ctx, "dog-registration"); err != nil {
			t.Error(err)
		}
	})
}

func TestWhatNoLongerFitsAtItsTimeWaitsForAnOfficer(t *testing.T) {
	one(t, func(t *testing.T, k *town) {
		ctx := t.Context()
		c := k.draw()
		k.approve(c.ID)
		is(t, k.Schedule(ctx, market, c.ID, k.now.Add(time.Hour)), "")
		other := k.draw()
		k.approve(other.ID)
		is(t, k.Publish(ctx, market, other.ID), "")
		k.now = k.now.Add(2 * time.Hour)
		if err := k.jobs.Drain(ctx); err != nil || k.state(c.ID) != design.Approved {
			t.Fatal(k.state(c.ID), err)
		}
		steps, _ := k.History(ctx, market, c.ID)
		if last := steps[len(steps)-1]; last.Act != "failed" || last.Reason == "" {
			t.Errorf("history: %+v", last)
		}
	})
}

func TestAnOfficerKeepsToTheirOwn(t *testing.T) {
	each(t, func(t *testing.T, k *town) {
		ctx := t.Context()
		_, err := k.Start(ctx, civil, design.Start{Item: "food-licence-renewal"})
		is(t, err, "design.out_of_reach")
		_, err = k.Start(ctx, civil, design.Start{Key: "x", Name: "x", Agency: "market"})
		is(t, err, "design.out_of_reach")
		_, err = k.Start(ctx, lawyer, design.Start{Key: "x", Name: "x", Agency: "market"})
		is(t, err, "base.forbidden")
		c, err := k.Start(ctx, civil, design.Start{Key: "cradle", Name: "某项登记", Agency: "civil", Pack: "qinglan"})
		if err != nil {
			t.Fatal(err)
		}
		it, f, err := k.MainItem(ctx, civil, c.ID)
		if err != nil {
			t.Fatal(err)
		}
		it.Agency = "market"
		_, err = k.WriteAs(ctx, civil, c.ID, f.Path, f.Rev, it)
		is(t, err, "design.out_of_reach")
		shared := ""
		fs, _ := k.Files(ctx, civil, c.ID)
		for _, f := range fs {
			if f.Kind == design.PaperFile {
				shared = f.Path
			}
		}
		_, err = k.Adopt(ctx, civil, c.ID, shared)
		is(t, err, "design.shared_file")
		_, err = k.Adopt(ctx, bureau, c.ID, shared)
		is(t, err, "")
		for _, path := range []string{"agencies.yaml", "messages.yaml", "../pack.yaml", "items/../../x.yaml", "items/a/b.yaml"} {
			_, err = k.Write(ctx, bureau, c.ID, path, 0, []byte("x: 1\n"))
			is(t, err, "design.bad_path")
		}
		if l, err := k.Changes(ctx, market, design.Filter{}); err != nil || len(l) != 0 {
			t.Errorf("another agency's changes: %d %v", len(l), err)
		}
		if l, err := k.Changes(ctx, bureau, design.Filter{States: []design.State{design.Draft}}); err != nil || len(l) != 1 {
			t.Errorf("the bureau's list: %d %v", len(l), err)
		}
	})
}

func TestNobodyTakesTheKeyOfAnothersLicence(t *testing.T) {
	one(t, func(t *testing.T, k *town) {
		ctx := t.Context()
		c := k.draw()
		f, _ := k.Read(ctx, market, c.ID, "licence-types/dog-permit.yaml")
		if _, err := k.Write(ctx, market, c.ID, "licence-types/id-card.yaml", 0, bytes.Replace(f.Content, []byte("key: dog-permit"), []byte("key: id-card"), 1)); err != nil {
			t.Fatal(err)
		}
		ps, err := k.Check(ctx, market, c.ID)
		found := false
		for _, p := range ps {
			found = found || p.Key == "design.other_pack"
		}
		if err != nil || !found {
			t.Errorf("findings: %+v %v", ps, err)
		}
	})
}

func TestAnItemIsSuspendedByTheSameThreePeople(t *testing.T) {
	each(t, func(t *testing.T, k *town) {
		ctx := t.Context()
		_, err := k.Start(ctx, market, design.Start{Act: design.Suspend, Item: "food-licence-renewal"})
		is(t, err, "design.invalid")
		c, err := k.Start(ctx, market, design.Start{Act: design.Suspend, Item: "food-licence-renewal", Reason: "系统升级，三天后恢复"})
		if err != nil {
			t.Fatal(err)
		}
		k.approve(c.ID)
		is(t, k.Publish(ctx, market, c.ID), "")
		is(t, k.catalog.TakesApplications(ctx, "food-licence-renewal"), "catalog.halted")
		c, _ = k.Start(ctx, market, design.Start{Act: design.Resume, Item: "food-licence-renewal", Reason: "升级完成"})
		k.approve(c.ID)
		is(t, k.Publish(ctx, market, c.ID), "")
		is(t, k.catalog.TakesApplications(ctx, "food-licence-renewal"), "")
	})
}

func TestWhatChangesNothingIsNotSent(t *testing.T) {
	one(t, func(t *testing.T, k *town) {
		ctx := t.Context()
		c, err := k.Start(ctx, market, design.Start{Item: "food-licence-renewal"})
		if err != nil {
			t.Fatal(err)
		}
		is(t, k.Submit(ctx, market, c.ID), "design.nothing")
		it, f, err := k.MainItem(ctx, market, c.ID)
		if err != nil {
			t.Fatal(err)
		}
		// The same in another order of lines, with a remark: other bytes, no other meaning.
		other := append(bytes.TrimSpace(bytes.Clone(f.Content)), []byte("\n# 只改了写法\n")...)
		rev, err := k.Write(ctx, market, c.ID, f.Path, f.Rev, other)
		if err != nil || rev == f.Rev {
			t.Fatal(rev, err)
		}
		is(t, k.Submit(ctx, market, c.ID), "design.nothing")
		if parts, err := k.Difference(ctx, market, c.ID, design.NewWords("zh-CN", nil)); err != nil || len(parts) > 0 {
			t.Errorf("a difference without one: %+v %v", parts, err)
		}
		if k.state(c.ID) != design.Draft {
			t.Error("it was sent")
		}
		it.Short = "食品证延期"
		if _, err := k.WriteAs(ctx, market, c.ID, f.Path, rev, it); err != nil {
			t.Fatal(err)
		}
		is(t, k.Submit(ctx, market, c.ID), "")
	})
}

func TestAChangeOfStateThatCannotBePublishedIsNotBegun(t *testing.T) {
	one(t, func(t *testing.T, k *town) {
		const item, other = "food-licence-renewal", "food-licence-new"
		for name, c := range map[string]struct {
			st  design.Start
			key string
		}{
			"in use already":   {design.Start{Act: design.Resume, Reason: "升级完成"}, "design.in_use"},
			"no reason":        {design.Start{Act: design.Cancel}, "design.invalid"},
			"a short reason":   {design.Start{Act: design.Suspend, Reason: "升级"}, "design.invalid"},
			"a long reason":    {design.Start{Act: design.Suspend, Reason: strings.Repeat("升级", 251)}, "design.invalid"},
			"itself instead":   {design.Start{Act: design.Cancel, Reason: "依据已经废止", Instead: item}, "design.invalid"},
			"nothing instead":  {design.Start{Act: design.Cancel, Reason: "依据已经废止", Instead: "none"}, "design.invalid"},
			"another instead":  {design.Start{Act: design.Cancel, Reason: "依据已经废止", Instead: other}, ""},
			"none of an other": {design.Start{Act: design.Suspend, Reason: "系统升级"}, ""},
		} {
			c.st.Item = item
			_, err := k.Start(t.Context(), market, c.st)
			if c.key == "" && err != nil || c.key != "" && !errs.Is(err, c.key) {
				t.Errorf("%s: %v, want %q", name, err, c.key)
			}
		}
		c, err := k.Start(t.Context(), market, design.Start{Act: design.Cancel, Item: item, Reason: "依据已经废止", Instead: other})
		if err != nil {
			t.Fatal(err)
		}
		st, err := k.Stake(t.Context(), lawyer, c.ID)
		was, _ := k.catalog.Item(t.Context(), item)
		than, _ := k.catalog.Item(t.Context(), other)
		if err != nil || st.Now != catalog.InUse || st.Item != was.Name || st.Instead != than.Name {
			t.Errorf("at stake: %+v %v", st, err)
		}
		_, err = k.Stake(t.Context(), civil, c.ID)
		is(t, err, "design.no_change")
	})
}

func TestABaseItemFillsInAndIsFollowed(t *testing.T) {
	one(t, func(t *testing.T, k *town) {
		ctx := t.Context()
		c, err := k.Start(ctx, market, design.Start{Key: "dog-registration", Agency: "market", Base: "580709001000"})
		if err != nil {
			t.Fatal(err)
		}
		if it, _, err := k.MainItem(ctx, market, c.ID); err != nil || it.Name != "养犬登记" || it.BaseCode != "580709001000" || it.Agency != "market" {
			t.Errorf("filled in: %+v %v", it, err)
		}
		c, err = k.Start(ctx, market, design.Start{Item: "food-licence-renewal", Follow: true})
		if err != nil {
			t.Fatal(err)
		}
		if it, _, _ := k.MainItem(ctx, market, c.ID); it.BaseVersion != 2 || it.MainItem != "养犬登记（新）" || !contains(c.Reason, "main_item") {
			t.Errorf("followed: %+v, clashes %q", it.BaseVersion, c.Reason)
		}
	})
}

func TestAnExportedPackIsTheSameElsewhere(t *testing.T) {
	rows := func(t *testing.T, d *db.DB) map[string]string {
		out := map[string]string{}
		for table, query := range map[string]string{
			"item":       `SELECT v.key, v.hash FROM catalog_version v JOIN catalog_item i ON i.key = v.key AND i.version = v.version`,
			"definition": `SELECT kind || key, hash FROM catalog_definition`,
			"file":       `SELECT pack || path, hash FROM catalog_file`,
			"paper":      `SELECT key, digest FROM paper_template`,
			"licence":    `SELECT key, digest FROM licence_type`,
			"pack":       `SELECT pack || path, hash FROM pack_file`,
		} {
			_, err := db.All(context.Background(), d.R(), func(r *db.Rows) (bool, error) {
				var key, hash string
				err := r.Scan(&key, &hash)
				out[table+" "+key] = hash
				return true, err
			}, query)
			if err != nil {
				t.Fatal(table, err)
			}
		}
		return out
	}
	each(t, func(t *testing.T, k *town) {
		ctx := t.Context()
		c := k.draw()
		k.approve(c.ID)
		is(t, k.Publish(ctx, market, c.ID), "")
		p, err := k.Export(ctx, market, c.ID)
		if err != nil {
			t.Fatal(err)
		}
		var zip bytes.Buffer
		if err := pack.WriteZip(&zip, p); err != nil {
			t.Fatal(err)
		}
		there := onSQLite(t)
		copied, ps, err := there.ImportZip(ctx, market, zip.Bytes())
		if err != nil || len(ps) > 0 {
			t.Fatal(ps, err)
		}
		there.approve(copied.ID)
		is(t, there.Publish(ctx, market, copied.ID), "")
		here, other := rows(t, k.d), rows(t, there.d)
		if len(here) != len(other) || len(here) < 20 {
			t.Errorf("%d rows here, %d there", len(here), len(other))
		}
		for key, hash := range here {
			if other[key] != hash {
				t.Errorf("%s differs", key)
			}
		}
		var it item.Item
		if it, err = there.catalog.Item(ctx, "dog-registration"); err != nil || it.Pack != "dog-registration" {
			t.Error(err)
		}
		qinglan, err := k.packs.Content(ctx, "qinglan")
		if err != nil {
			t.Fatal(err)
		}
		zip.Reset()
		_ = pack.WriteZip(&zip, qinglan)
		if _, ps, err := there.ImportZip(ctx, bureau, zip.Bytes()); err != nil || len(ps) == 0 || ps[0].Key != "design.zip_shared" {
			t.Errorf("agencies came in by a folder: %+v %v", ps, err)
		}
	})
}
