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
	"tongban/internal/base/event"
	"tongban/internal/base/ident"
	"tongban/internal/base/packfile"
)

type regionsFile struct {
	Regions []Region `json:"regions"`
}

type agenciesFile struct {
	Agencies []packAgency `json:"agencies"`
}

// packAgency is an agency as a pack writes it: with its windows, posts and staff.
type packAgency struct {
	Key            string       `json:"key"`
	Code           string       `json:"code"`
	Name           string       `json:"name"`
	Short          string       `json:"short"`
	Region         string       `json:"region"`
	Nature         string       `json:"nature"`
	Level          string       `json:"level"`
	Government     string       `json:"government"`
	Review         string       `json:"review"`
	Court          string       `json:"court"`
	Address        string       `json:"address"`
	Phone          string       `json:"phone"`
	ComplaintPhone string       `json:"complaint_phone"`
	Website        string       `json:"website"`
	Seal           packSeal     `json:"seal"`
	NumberMark     string       `json:"number_mark"`
	Parent         string       `json:"parent"`
	ValidTo        string       `json:"valid_to"`
	Successor      string       `json:"successor"`
	Windows        []packWindow `json:"windows"`
	Posts          []packPost   `json:"posts"`
	Staff          []packStaff  `json:"staff"`
}

type packSeal struct {
	Name    string `json:"name"`
	Purpose string `json:"purpose"`
}

type packWindow struct {
	Key        string `json:"key"`
	Name       string `json:"name"`
	Hall       string `json:"hall"`
	Address    string `json:"address"`
	Floor      string `json:"floor"`
	Hours      string `json:"hours"`
	Phone      string `json:"phone"`
	Directions string `json:"directions"`
}

type packPost struct {
	Key   string       `json:"key"`
	Name  string       `json:"name"`
	Acts  []string     `json:"acts"`
	Items []string     `json:"items"`
	Roles []authz.Role `json:"roles"`
}

type packStaff struct {
	Key   string       `json:"key"`
	Login string       `json:"login"`
	Name  string       `json:"name"`
	Roles []authz.Role `json:"roles"`
	Posts []string     `json:"posts"`
	Phone string       `json:"phone"`
}

func (p packAgency) agency() Agency {
	return Agency{
		Key: p.Key, Code: p.Code, Name: p.Name, Short: p.Short, Region: p.Region, Nature: p.Nature, Level: p.Level, Government: p.Government,
		Review: p.Review, Court: p.Court, Address: p.Address, Phone: p.Phone, ComplaintPhone: p.ComplaintPhone, Website: p.Website,
		SealName: p.Seal.Name, SealPurpose: p.Seal.Purpose, NumberMark: p.NumberMark,
		Parent: p.Parent, ValidTo: p.ValidTo, Successor: p.Successor,
	}
}

func (p packAgency) windows() []Window {
	out := make([]Window, 0, len(p.Windows))
	for _, w := range p.Windows {
		out = append(out, Window{Key: w.Key, Agency: p.Key, Name: w.Name, Hall: w.Hall, Address: w.Address, Floor: w.Floor, Hours: w.Hours, Phone: w.Phone, Directions: w.Directions})
	}
	return out
}

func (p packAgency) posts() []Post {
	out := make([]Post, 0, len(p.Posts))
	for _, o := range p.Posts {
		out = append(out, Post{Key: o.Key, Agency: p.Key, Name: o.Name, Acts: o.Acts, Items: o.Items, Roles: o.Roles})
	}
	return out
}

func (p packAgency) staff() []Staff {
	out := make([]Staff, 0, len(p.Staff))
	for _, s := range p.Staff {
		out = append(out, Staff{ID: s.Key, Login: s.Login, Name: s.Name, Agency: p.Key, Roles: s.Roles, Posts: s.Posts, Phone: s.Phone})
	}
	return out
}

// section is the room's part of a pack.
type section struct {
	pack     string
	regions  []Region
	agencies []packAgency
	regDoc   *packfile.Doc
	ageDoc   *packfile.Doc
}

func read(all []packfile.File) (section, []packfile.Problem) {
	var s section
	var ps []packfile.Problem
	for _, f := range all {
		switch f.Path {
		case "regions.yaml":
			var r regionsFile
			doc, found := packfile.Decode(f, &r)
			s.regDoc, s.regions, s.pack, ps = doc, r.Regions, f.Pack, append(ps, found...)
		case "agencies.yaml":
			var a agenciesFile
			doc, found := packfile.Decode(f, &a)
			s.ageDoc, s.agencies, s.pack, ps = doc, a.Agencies, f.Pack, append(ps, found...)
		}
	}
	return s, ps
}

// Names tells which keys the files define, by kind: region, agency, window, post, staff. Files that cannot be read define none.
func (s *Service) Names(all []packfile.File) map[string][]string {
	sec, _ := read(all)
	out := map[string][]string{}
	for _, r := range sec.regions {
		out["region"] = append(out["region"], r.Code)
	}
	for _, a := range sec.agencies {
		out["agency"] = append(out["agency"], a.Key)
		for _, w := range a.Windows {
			out["window"] = append(out["window"], w.Key)
		}
		for _, p := range a.Posts {
			out["post"] = append(out["post"], p.Key)
		}
		for _, st := range a.Staff {
			out["staff"] = append(out["staff"], st.Key)
		}
	}
	return out
}

// LoadTx stores the section of a pack that CheckSection found good. An element whose text is the same as at its last loading is left as it
// is, so that later changes by an administrator stay; one whose text changed is replaced. Nothing is deleted; a disabled account stays disabled.
func (s *Service) LoadTx(ctx context.Context, tx *db.Tx, now time.Time, all []packfile.File) error {
	sec, ps := read(all)
	if len(ps) > 0 {
		return invalidPack(ps[0])
	}
	l := loader{s: s, tx: tx, now: now}
	for _, r := range sec.regions {
		l.element(ctx, regionTable, r.Code, r.Parent, r)
	}
	for _, p := range sec.agencies {
		a := p.agency()
		if a.Level == "" {
			a.Level = s.levelOf(ctx, tx, a.Region)
		}
		l.element(ctx, agencyTable, a.Key, a.Region, a)
		for _, w := range p.windows() {
			l.element(ctx, windowTable, w.Key, w.Agency, w)
		}
		for _, o := range p.posts() {
			l.element(ctx, postTable, o.Key, o.Agency, o)
		}
		for _, st := range p.staff() {
			l.staff(ctx, st)
		}
	}
	if l.err != nil || l.changed == 0 {
		return l.err
	}
	s.written()
	if err := bump(ctx, tx); err != nil {
		return err
	}
	return audit.Tx(ctx, tx, now, audit.Entry{Actor: authz.System.Name(), Act: "org.load", Object: "pack:" + sec.pack, What: strconv.Itoa(l.changed), Via: "command"})
}

// loader remembers the first error and how many elements changed.
type loader struct {
	s       *Service
	tx      *db.Tx
	now     time.Time
	changed int
	err     error
}

// sum is the keyed sum of an element's text: equal texts are found equal, and nobody can try names and phones against it.
func (l *loader) sum(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		l.err = err
	}
	return l.s.vault.Blind("org.pack", string(b))
}

func (l *loader) element(ctx context.Context, t table, id, owner string, doc any) {
	if l.err != nil {
		return
	}
	sum := l.sum(doc)
	old, err := stampOf(ctx, l.tx, t, id)
	if err != nil || old.packSum == sum {
		l.err = err
		return
	}
	l.changed++
	l.err = put(ctx, l.tx, t, id, owner, doc, sum, old.version)
}

func (l *loader) staff(ctx context.Context, st Staff) {
	if l.err != nil {
		return
	}
	sum := l.sum(packed{ID: st.ID, Login: st.Login, Name: st.Name, Agency: st.Agency, Roles: st.Roles, Posts: st.Posts, Phone: st.Phone})
	old, off, err := staffStamp(ctx, l.tx, st.ID)
	if err != nil || old.packSum == sum {
		l.err = err
		return
	}
	l.changed++
	st.Version, st.off = old.version, off
	if l.err = l.s.putStaff(ctx, l.tx, st, sum); l.err == nil {
		l.err = l.holdings(ctx, st)
	}
	if l.err == nil {
		l.err = event.Publish(ctx, l.tx, l.now, StaffChanged{StaffID: st.ID, Disabled: off})
	}
}

// packed is an account's text in the shape its sums have always had.
type packed struct {
	ID, Login, Name, Agency string
	Roles                   []authz.Role
	Posts                   []string
	Phone                   string
	Disabled                bool
	Version                 int64
}

// holdings gives an account the posts its pack names, and the basic posts of roles that none of them carries. Posts that an earlier text named
// end; those that came by a reviewed act stay.
func (l *loader) holdings(ctx context.Context, st Staff) error {
	posts, err := elements(ctx, l.tx, postTable, func(*Post, int64) {})
	if err != nil {
		return err
	}
	var carried []authz.Role
	for _, p := range posts {
		if slices.Contains(st.Posts, p.Key) {
			carried = append(carried, p.Roles...)
		}
	}
	want := slices.Clone(st.Posts)
	for _, r := range st.Roles {
		if slices.Contains(carried, r) {
			continue
		}
		p := BasicPost(st.Agency, r)
		want = append(want, p.Key)
		if !slices.ContainsFunc(posts, func(o Post) bool { return o.Key == p.Key }) {
			if err := put(ctx, l.tx, postTable, p.Key, p.Agency, p, "", 0); err != nil {
				return err
			}
		}
	}
	held, err := holdingsOf(ctx, l.tx, st.ID)
	if err != nil {
		return err
	}
	for _, h := range held {
		if h.For != "" || !h.At(l.now) {
			continue
		}
		if i := slices.Index(want, h.Post); i >= 0 {
			want = slices.Delete(want, i, i+1)
		} else if h.Proposal == "" {
			if err := cutHolding(ctx, l.tx, h.ID, l.now); err != nil {
				return err
			}
		}
	}
	for _, post := range want {
		if err := putHolding(ctx, l.tx, Holding{ID: ident.New(), StaffID: st.ID, Post: post}); err != nil {
			return err
		}
	}
	return nil
}

// BasicPost is the post that stands for a role an account of an agency was given directly.
func BasicPost(agency string, r authz.Role) Post {
	return Post{Key: agency + "-role-" + strings.ReplaceAll(string(r), "_", "-"), Agency: agency, Acts: []string{}, Items: []string{}, Roles: []authz.Role{r}, Basic: true}
}

// levelOf reads a region's level inside the transaction, where this pack's regions already are.
func (s *Service) levelOf(ctx context.Context, tx *db.Tx, code string) string {
	all, err := elements(ctx, tx, regionTable, func(*Region, int64) {})
	if err != nil {
		return ""
	}
	if i := slices.IndexFunc(all, func(r Region) bool { return r.Code == code }); i >= 0 {
		return all[i].Level
	}
	return ""
}
