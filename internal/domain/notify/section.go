package notify

import (
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"sync"
	"time"

	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/base/packfile"
)

// builtin are the templates that serve until a pack brings its own: no legal act fails for want of words.
//
//go:embed messages.yaml
var builtinYAML []byte

type messagesFile struct {
	Messages []Template `json:"messages"`
}

var builtin = sync.OnceValue(func() map[string]Template {
	var f messagesFile
	if _, ps := packfile.Decode(packfile.File{Path: "messages.yaml", Data: builtinYAML}, &f); len(ps) > 0 {
		panic(fmt.Sprintf("notify: built-in messages: %+v", ps)) // a fault of the build; a test reads the same file
	}
	out := map[string]Template{}
	for _, t := range f.Messages {
		out[t.Key] = t
	}
	return out
})

// template gives the stored template of a key, else the built-in one.
func (s *Service) template(ctx context.Context, q db.Q, key string) (Template, error) {
	t, ok, err := storedTemplate(ctx, q, key)
	if err != nil || ok {
		return t, err
	}
	if t, ok := builtin()[key]; ok {
		return t, nil
	}
	return t, errs.New(errs.Internal, "notify.no_template", errs.P{"key": key})
}

// SMSTexts gives the text of every template that has one for the phone, by key: what is registered with a provider.
func (s *Service) SMSTexts(ctx context.Context) (map[string]string, error) {
	out := map[string]string{}
	for k, t := range builtin() {
		out[k] = t.SMS
	}
	stored, err := storedTemplates(ctx, s.db.R())
	for _, t := range stored {
		out[t.Key] = t.SMS
	}
	for k, v := range out {
		if v == "" {
			delete(out, k)
		}
	}
	return out, err
}

func decode(all []packfile.File) (messagesFile, *packfile.Doc, []packfile.Problem) {
	var m messagesFile
	for _, f := range all {
		if f.Path == "messages.yaml" {
			doc, ps := packfile.Decode(f, &m)
			return m, doc, ps
		}
	}
	return m, nil, nil
}

// CheckSection finds everything wrong with messages.yaml at once.
func (s *Service) CheckSection(_ context.Context, all []packfile.File, _ packfile.Known) []packfile.Problem {
	m, doc, ps := decode(all)
	if len(ps) > 0 {
		return ps
	}
	seen := map[string]bool{}
	for i, t := range m.Messages {
		at := fmt.Sprintf("/messages/%d", i)
		for _, f := range t.check() {
			ps = append(ps, doc.Problem(at+"/"+f.Path, f.Key, f.Params))
		}
		if seen[t.Key] {
			ps = append(ps, doc.Problem(at+"/key", "notify.key_twice", errs.P{"key": t.Key}))
		}
		seen[t.Key] = true
	}
	return ps
}

// Names tells which message keys the files define.
func (s *Service) Names(all []packfile.File) map[string][]string {
	m, _, _ := decode(all)
	out := map[string][]string{}
	for _, t := range m.Messages {
		out["message"] = append(out["message"], t.Key)
	}
	return out
}

// HasKey reports whether a message template is stored or built in.
func (s *Service) HasKey(ctx context.Context, kind, key string) bool {
	if kind != "message" {
		return false
	}
	_, err := s.template(ctx, s.db.R(), key)
	return err == nil
}

// LoadTx stores the templates of a pack that CheckSection found good; one with the same text is left as it is.
func (s *Service) LoadTx(ctx context.Context, tx *db.Tx, _ time.Time, all []packfile.File) error {
	m, _, ps := decode(all)
	if len(ps) > 0 {
		return errs.New(errs.Invalid, ps[0].Key, ps[0].Params)
	}
	for _, t := range m.Messages {
		b, err := json.Marshal(t)
		if err != nil {
			return err
		}
		if err := putTemplate(ctx, tx, t, s.vault.Blind("notify.pack", string(b))); err != nil {
			return err
		}
	}
	return nil
}
