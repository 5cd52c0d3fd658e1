package catalog

import (
	"context"
	"encoding/json"
	"path"
	"strings"
	"time"

	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/base/event"
	"tongban/internal/base/packfile"
	"tongban/internal/domain/org"
	"tongban/internal/engine/flow"
	"tongban/internal/engine/form"
	"tongban/internal/engine/table"
)

// read is one decoded file.
type read[T any] struct {
	file packfile.File
	doc  *packfile.Doc
	v    T
	ok   bool
}

// section is what a pack holds for this room.
type section struct {
	items  []read[Item]
	forms  []read[form.Definition]
	flows  []read[flow.Definition]
	tables []read[table.Definition]
	files  []packfile.File
	// agency codes of the pack itself, by key: it may bring the agency along
	agencies map[string]string
	brings   []org.Agency // those agencies, as far as lists need them
	problems []packfile.Problem
	broken   bool // a form or flow could not be read: what names it is not to blame
}

func parse(all []packfile.File) *section {
	s := &section{agencies: map[string]string{}}
	for _, f := range all {
		folder, rest, _ := strings.Cut(f.Path, "/")
		switch {
		case f.Path == "agencies.yaml" || f.Path == "agencies.json":
			s.readAgencies(f)
		case folder == "files" && rest != "":
			s.files = append(s.files, f)
		case !isDefinition(rest):
		case folder == "items":
			s.items = append(s.items, decode[Item](s, f))
		case folder == "forms":
			r := decode[form.Definition](s, f)
			s.forms, s.broken = append(s.forms, r), s.broken || !r.ok
		case folder == "flows":
			r := decode[flow.Definition](s, f)
			s.flows, s.broken = append(s.flows, r), s.broken || !r.ok
		case folder == "tables":
			r := decode[table.Definition](s, f)
			s.tables, s.broken = append(s.tables, r), s.broken || !r.ok
		}
	}
	return s
}

func isDefinition(name string) bool {
	switch path.Ext(name) {
	case ".yaml", ".yml", ".json":
		return !strings.Contains(name, "/")
	}
	return false
}

func decode[T any](s *section, f packfile.File) read[T] {
	r := read[T]{file: f}
	var ps []packfile.Problem
	r.doc, ps = packfile.Decode(f, &r.v)
	r.ok = len(ps) == 0
	s.problems = append(s.problems, ps...)
	return r
}

// readAgencies takes what rows of items say of their agency; package org says what is wrong with the file.
func (s *section) readAgencies(f packfile.File) {
	var v struct {
		Agencies []map[string]any `json:"agencies"`
	}
	_, _ = packfile.Decode(f, &v)
	for _, a := range v.Agencies {
		key, _ := a["key"].(string)
		code, _ := a["code"].(string)
		name, _ := a["name"].(string)
		short, _ := a["short"].(string)
		region, _ := a["region"].(string)
		s.agencies[key] = code
		s.brings = append(s.brings, org.Agency{Key: key, Code: code, Name: name, Short: short, Region: region})
	}
}

// Names gives the keys a pack defines, by kind: item, form, flow, table, file.
func (s *Service) Names(all []packfile.File) map[string][]string {
	sec := parse(all)
	out := map[string][]string{}
	for _, r := range sec.items {
		out["item"] = append(out["item"], r.v.Key)
	}
	for _, r := range sec.forms {
		out["form"] = append(out["form"], r.v.Key)
	}
	for _, r := range sec.flows {
		out["flow"] = append(out["flow"], r.v.Key)
	}
	for _, r := range sec.tables {
		out["table"] = append(out["table"], r.v.Key)
	}
	for _, f := range sec.files {
		out["file"] = append(out["file"], f.Path)
	}
	return out
}

// LoadTx stores a pack's forms, flows, tables, files and items. What says the same as before is left alone; what changed becomes a new version, and cases keep
// theirs. A pack that cannot be read is errs.Invalid; a key that belongs to another pack, or a form or flow that is not there, errs.Conflict.
func (s *Service) LoadTx(ctx context.Context, tx *db.Tx, now time.Time, all []packfile.File) error {
	sec := parse(all)
	if n := len(sec.problems); n > 0 {
		return errs.New(errs.Invalid, "catalog.pack_broken", errs.P{"n": n, "file": sec.problems[0].File})
	}
	for _, r := range sec.forms {
		if _, err := putDefinition(ctx, tx, now, r.file.Pack, kindForm, r.v.Key, r.v); err != nil {
			return err
		}
	}
	for _, r := range sec.flows {
		if _, err := putDefinition(ctx, tx, now, r.file.Pack, kindFlow, r.v.Key, r.v); err != nil {
			return err
		}
	}
	for _, r := range sec.tables {
		if _, err := putDefinition(ctx, tx, now, r.file.Pack, kindTable, r.v.Key, r.v); err != nil {
			return err
		}
	}
	for _, f := range sec.files {
		if err := putFile(ctx, tx, File{Pack: f.Pack, Path: f.Path, Mime: mimeOf(f.Path), Hash: digest(f.Data), Content: f.Data}); err != nil {
			return err
		}
	}
	w := s.writer(tx, sec.offices(s.offices(ctx)))
	for _, r := range sec.items {
		if err := w.publish(ctx, now, r.v, r.file.Pack); err != nil {
			return err
		}
	}
	return w.finish(ctx)
}

// offices adds the agencies a pack brings along: they are loaded in the same transaction and not known to anybody else yet.
func (s *section) offices(find agencyIndex) agencyIndex {
	for i := range s.brings {
		find.add(&s.brings[i])
	}
	return find
}

func (w *writer) publish(ctx context.Context, now time.Time, it Item, pack string) error {
	tables, err := tablesOf(ctx, w.tx, it.Tables)
	if err != nil {
		return err
	}
	p := publishing{item: it.Decide(tables), pack: pack}
	if p.form, err = newest(ctx, w.tx, kindForm, it.Form); err != nil {
		return err
	}
	if p.flow, err = newest(ctx, w.tx, kindFlow, it.Flow); err != nil {
		return err
	}
	version, changed, err := w.put(ctx, now, p)
	if err != nil || !changed {
		return err
	}
	return event.Publish(ctx, w.tx, now, Published{Item: it.Key, Version: version})
}

// tablesOf gives the newest versions of decision tables.
func tablesOf(ctx context.Context, q db.Q, keys []string) ([]table.Definition, error) {
	var out []table.Definition
	for _, key := range keys {
		doc, _, err := definition(ctx, q, kindTable, key, 0)
		if errs.KindOf(err) == errs.NotFound {
			return nil, errs.Wrap(err, errs.Conflict, "catalog.no_table", errs.P{"key": key})
		}
		if err != nil {
			return nil, err
		}
		var d table.Definition
		if err := json.Unmarshal([]byte(doc), &d); err != nil {
			return nil, err
		}
		out = append(out, d)
	}
	return out, nil
}

func newest(ctx context.Context, q db.Q, kind, key string) (int, error) {
	if key == "" {
		return 0, nil
	}
	_, version, err := definition(ctx, q, kind, key, 0)
	if errs.KindOf(err) == errs.NotFound {
		return 0, errs.Wrap(err, errs.Conflict, "catalog.no_"+kind, errs.P{"key": key})
	}
	return version, err
}

// mimes are the kinds of file a guide may offer.
var mimes = map[string]string{
	".pdf": "application/pdf", ".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".txt": "text/plain; charset=utf-8",
	".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document", ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}

func mimeOf(name string) string {
	if m, ok := mimes[strings.ToLower(path.Ext(name))]; ok {
		return m
	}
	return "application/octet-stream"
}
