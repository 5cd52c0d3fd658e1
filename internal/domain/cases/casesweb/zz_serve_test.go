package casesweb_test

import (
	"net/http"
	"os"
	"testing"
	"time"
	"context"

	"tongban/internal/base/ui"
	"tongban/internal/domain/cases"
)

func TestZZServe(t *testing.T) {
	if os.Getenv("CW_SERVE") == "" {
		t.Skip()
	}
	b := setup(t)
	at := b.sent()
	d2 := b.filled()
	d3 := b.answered()
	c4 := b.sent()
	_, err := b.s.RequestCorrection(context.Background(), officer, id(c4), b.head(c4).Version, []cases.Defect{
		{Kind: cases.OnField, Key: "shop_name", Text: "店名与招牌不一致"}, {Kind: cases.OnMaterial, Key: "plan", Text: "平面图不清楚，请重新拍照上传"}})
	if err != nil { t.Fatal(err) }
	c5 := b.sent()
	c := must[cases.Case](t)(b.s.Accept(t.Context(), officer, id(c5), b.head(c5).Version))
	c6 := b.sent()
	cc := must[cases.Case](t)(b.s.Accept(t.Context(), officer, id(c6), b.head(c6).Version))
	must[cases.Case](t)(b.s.Decide(t.Context(), chief, cc.ID, cc.Version, cases.Decision{Outcome: cases.Refuse, Reason: "面积不足", Basis: "某办法第五条"}))
	_ = c
	os.WriteFile("/tmp/tb/cw/paths", []byte(at+"\n"+d2+"\n"+d3+"\n"+c4+"\n"+c5+"\n"+c6+"\n"), 0o644)
	mux := http.NewServeMux()
	mux.Handle("/a/", ui.AssetHandler())
	mux.Handle("/", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Header.Set("X-Who", "mei")
		if c, err := r.Cookie("x"); err == nil { _ = c }
		if r.URL.Query().Get("elder") != "" { r = r.WithContext(ui.WithShell(r.Context(), ui.Shell{Elder: true})) }
		b.handler.ServeHTTP(w, r)
	}))
	srv := &http.Server{Addr: "127.0.0.1:18931", Handler: mux}
	go func() { time.Sleep(600 * time.Second); srv.Close() }()
	_ = srv.ListenAndServe()
}
