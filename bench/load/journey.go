package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"mime/multipart"
	"net/http"
	"net/url"
	"time"
)

// elderCard applies for the card that is made on the spot, over the API, and opens its papers when they are made.
func (v *visitor) elderCard(ctx context.Context) error {
	if _, err := v.do(ctx, http.MethodPost, "/demo/sign-in", url.Values{"account": {"person:19900000103"}}); err != nil {
		return err
	}
	var draft struct {
		ID      string `json:"id"`
		Version int64  `json:"version"`
	}
	if err := v.json(ctx, http.MethodPost, "/api/v1/drafts", map[string]any{"item": "elder-card", "client_key": "measured"}, &draft); err != nil {
		return err
	}
	use := map[string]any{"material": "identity", "ref": "register:id-card"}
	if _, err := v.do(ctx, http.MethodPost, "/api/v1/drafts/"+draft.ID+"/licences", use); err != nil {
		return err
	}
	answers := map[string]any{"version": draft.Version, "scenario": map[string]string{"residence": "household", "photo": "id-card"}, "form": map[string]any{
		"phone": "19900000103", "live_address": "清江区柳桥街道桂花里8幢302室", "delivery": "electronic", "truth": true,
	}}
	if err := v.json(ctx, http.MethodPut, "/api/v1/drafts/"+draft.ID, answers, &draft); err != nil {
		return err
	}
	if _, err := v.do(ctx, http.MethodPost, "/api/v1/drafts/"+draft.ID+"/submit", map[string]any{"version": draft.Version}); err != nil {
		return err
	}
	return v.openPapers(ctx, draft.ID)
}

func (v *visitor) openPapers(ctx context.Context, id string) error {
	var doc struct {
		Papers []struct {
			Ready bool   `json:"ready"`
			Href  string `json:"href"`
		} `json:"papers"`
	}
	for range 300 {
		if err := v.json(ctx, http.MethodGet, "/api/v1/cases/"+id, nil, &doc); err != nil {
			return err
		}
		ready := len(doc.Papers) > 0
		for _, p := range doc.Papers {
			ready = ready && p.Ready
		}
		if !ready {
			time.Sleep(100 * time.Millisecond)
			continue
		}
		for _, p := range doc.Papers {
			if _, err := v.do(ctx, http.MethodGet, p.Href, nil); err != nil {
				return err
			}
		}
		return nil
	}
	return errors.New("the papers of the case were not made within 30 s")
}

func (v *visitor) json(ctx context.Context, method, path string, in, out any) error {
	b, err := v.do(ctx, method, path, in)
	if err != nil {
		return err
	}
	return json.Unmarshal(b, out)
}

// verify has a licence judged by the server.
func (v *visitor) verify(ctx context.Context, pdf []byte) error {
	var b bytes.Buffer
	m := multipart.NewWriter(&b)
	w, err := m.CreateFormFile("file", "licence.pdf")
	if err != nil {
		return err
	}
	if _, err := w.Write(pdf); err != nil {
		return err
	}
	if err := m.Close(); err != nil {
		return err
	}
	_, err = v.send(ctx, http.MethodPost, "/api/v1/verify", m.FormDataContentType(), &b)
	return err
}
