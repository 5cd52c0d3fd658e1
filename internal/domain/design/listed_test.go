package design_test

import (
	"strings"
	"testing"

	"tongban/internal/domain/catalog"
	"tongban/internal/domain/design"
)

func TestAnItemOfAListIsTakenOver(t *testing.T) {
	each(t, func(t *testing.T, k *town) {
		ctx := t.Context()
		list := "department,main_item,item_name,local_item_code,item_type,agency_code,region_code\n" +
			"区市场监管局,登记,养犬登记（清单）,LIST-1,07,11580102MB0K731283,580102\n"
		r, err := k.catalog.Import(ctx, strings.NewReader(list), catalog.ImportOptions{})
		if err != nil {
			t.Fatal(err)
		}
		found, err := k.catalog.Search(ctx, catalog.Query{Text: "养犬登记"})
		if err != nil || len(found.Items) != 1 {
			t.Fatalf("listed: %+v %v (%+v)", found, err, r)
		}
		key := found.Items[0].Key
		c, err := k.Start(ctx, market, design.Start{Item: key})
		if err != nil {
			t.Fatal(err)
		}
		it, f, err := k.MainItem(ctx, market, c.ID)
		if err != nil || !f.New || it.Imported != nil || c.PackVersion != 0 {
			t.Fatalf("taken over: %+v %+v %v", it, c, err)
		}
		for path, text := range dogFiles(t) {
			if path == "items/dog-registration.yaml" {
				path, text = f.Path, []byte(strings.Replace(string(text), "key: dog-registration", "key: "+key, 1))
			}
			rev := 0
			if path == f.Path {
				rev = f.Rev
			}
			if _, err := k.Write(ctx, market, c.ID, path, rev, text); err != nil {
				t.Fatal(path, err)
			}
		}
		k.approve(c.ID)
		is(t, k.Publish(ctx, market, c.ID), "")
		if it, err := k.catalog.Item(ctx, key); err != nil || it.Unreviewed || it.Pack == "" || !it.Applicable() {
			t.Errorf("published: %s %v %v", it.Pack, it.Unreviewed, err)
		}
	})
}
