package design

import (
	"context"
	"regexp"
	"slices"
	"strings"

	"tongban/internal/base/audit"
	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/base/ident"
	"tongban/internal/base/packfile"
	"tongban/internal/domain/catalog/item"
	"tongban/internal/domain/pack"
)

// Start is how a change begins. For a new item, Key, Name and Agency are needed; for a published one, Item.
type Start struct {
	Act    Act    // Publish when empty
	Title  string // made from the item when empty
	Pack   string // an existing pack for a new item; empty: a pack of its own, named by the item's key
	Item   string // key of an existing item: its files are taken along
	Key    string // of a new item
	Name   string
	Agency string // of a new item
	Base   string // code of the base item a new one is filled in from
	Follow bool   // with Item: merge in what the base changed
	// Instead is the key of the item to use instead of one that is suspended or cancelled.
	Instead string
	Reason  string // why an item is suspended, cancelled or taken up again
}

const maxTitle = 100

var (
	itemKey = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
	partKey = regexp.MustCompile(`^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*$`)
)

// keyShapes are the shapes the rooms ask of keys.
var keyShapes = map[Kind]*regexp.Regexp{ItemFile: itemKey, FormFile: partKey, FlowFile: partKey, PaperFile: itemKey, LicenceFile: itemKey, TableFile: itemKey}

// Start begins a change and gives it. An item of a list that no pack holds yet is taken over into a pack of its own. Errors: errs.Forbidden
// "design.out_of_reach", errs.Conflict "design.key_taken", errs.Invalid with fields.
func (s *Service) Start(ctx context.Context, a authz.Actor, st Start) (Change, error) {
	if err := mayEdit(a); err != nil {
		return Change{}, err
	}
	if st.Act == "" {
		st.Act = Publish
	}
	now := s.now()
	c := Change{ID: ident.New(), Act: st.Act, Title: strings.TrimSpace(st.Title), State: Draft, Author: a.StaffID, Authors: []string{a.StaffID}, Reason: strings.TrimSpace(st.Reason), Instead: strings.TrimSpace(st.Instead), Rev: 1, Created: now, Changed: now}
	var fs []File
	var err error
	switch {
	case !slices.Contains(Acts, st.Act):
		return c, errs.New(errs.Invalid, "design.bad_act")
	case st.Act != Publish:
		err = s.startState(ctx, st, &c)
	case st.Item != "":
		fs, err = s.startFrom(ctx, st, &c)
	default:
		fs, err = s.startNew(ctx, st, &c)
	}
	if err != nil {
		return c, err
	}
	return s.begin(ctx, a, c, fs)
}

// begin writes a change with its first files.
func (s *Service) begin(ctx context.Context, a authz.Actor, c Change, fs []File) (Change, error) {
	if !s.Reaches(ctx, a, c.Agency) {
		return c, errs.New(errs.Forbidden, "design.out_of_reach")
	}
	g, err := s.org.Agency(ctx, c.Agency)
	if err != nil {
		return c, err
	}
	c.Region = g.Region
	if r := []rune(c.Title); len(r) > maxTitle {
		c.Title = string(r[:maxTitle])
	}
	err = s.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := insertChange(ctx, tx, c); err != nil {
			return err
		}
		for _, f := range fs {
			f.By, f.At = a.StaffID, c.Created
			if err := putFile(ctx, tx, c.ID, 0, f); err != nil {
				return err
			}
		}
		if err := addStep(ctx, tx, c.ID, Step{Act: "begin", By: a.StaffID, At: c.Created, To: Draft, Reason: c.Reason}); err != nil {
			return err
		}
		return audit.Tx(ctx, tx, c.Created, s.entry(a, "begin", c, c.Item))
	})
	return c, err
}

// startNew begins with an item that is not there yet.
func (s *Service) startNew(ctx context.Context, st Start, c *Change) ([]File, error) {
	st.Key, st.Name = strings.TrimSpace(st.Key), strings.TrimSpace(st.Name)
	var bad []errs.Field
	if !itemKey.MatchString(st.Key) || len(st.Key) > 60 {
		bad = append(bad, errs.Field{Path: "key", Key: "design.bad_key"})
	} else if _, err := s.items.Item(ctx, st.Key); err == nil {
		bad = append(bad, errs.Field{Path: "key", Key: "design.key_taken", Params: errs.P{"key": st.Key}})
	} else if errs.KindOf(err) != errs.NotFound {
		return nil, err
	}
	if st.Name == "" && st.Base == "" {
		bad = append(bad, errs.Field{Path: "name", Key: "design.need_name"})
	}
	if _, err := s.org.Agency(ctx, st.Agency); errs.KindOf(err) == errs.NotFound {
		bad = append(bad, errs.Field{Path: "agency", Key: "design.need_agency"})
	} else if err != nil {
		return nil, err
	}
	if err := errs.Fields("design.invalid", bad); err != nil {
		return nil, err
	}
	it := &item.Item{Serial: 1, CaseKind: "2", Online: item.OnlineGuide, Channels: []string{"1"}}
	if st.Base != "" {
		var err error
		if it, err = s.prefill(ctx, st.Base, st.Agency); err != nil {
			return nil, err
		}
	}
	it.Key, it.Agency = st.Key, st.Agency
	if st.Name != "" {
		it.Name = st.Name
	}
	c.Item, c.Agency, c.Pack = it.Key, it.Agency, st.Pack
	if c.Title == "" {
		c.Title = it.Name
	}
	if err := s.placeIn(ctx, c, it); err != nil {
		return nil, err
	}
	return s.firstFiles(ctx, c, it)
}

// firstFiles are those of a new item: its own and, in a new pack, pack.yaml.
func (s *Service) firstFiles(ctx context.Context, c *Change, it *item.Item) ([]File, error) {
	text, err := pack.Encode(it)
	fs := []File{{Path: ItemFile.Path(it.Key), Content: text, New: true}}
	if err != nil || c.PackVersion > 0 {
		return fs, err
	}
	requires, err := s.requires(ctx, it.Agency)
	if err != nil {
		return nil, err
	}
	head, err := pack.Head(pack.Pack{Key: c.Pack, Name: c.PackName, Requires: requires})
	return append(fs, File{Path: head.Path, Content: head.Data, New: true}), err
}

func (s *Service) prefill(ctx context.Context, code, agency string) (*item.Item, error) {
	if s.bases == nil {
		return nil, errs.New(errs.NotFound, "design.no_bases")
	}
	return s.bases.Adopt(ctx, code, agency)
}

// placeIn decides which pack a new item goes into: the one asked for, or one of its own.
func (s *Service) placeIn(ctx context.Context, c *Change, it *item.Item) error {
	if c.Pack == "" {
		c.Pack = it.Key
	}
	p, err := s.present(ctx, *c)
	if err != nil {
		return err
	}
	c.PackVersion, c.PackName = p.Version, p.Name
	if c.PackName == "" {
		c.PackName = it.Name
	}
	return nil
}

// startFrom begins with a published item: its file and those it names are taken along, as they are now.
func (s *Service) startFrom(ctx context.Context, st Start, c *Change) ([]File, error) {
	it, err := s.items.Item(ctx, st.Item)
	if err != nil {
		return nil, err
	}
	c.Item, c.Agency, c.Pack = it.Key, it.Agency, it.Pack
	if c.Title == "" {
		c.Title = it.Name
	}
	var fs []File
	if it.Pack == "" {
		fs, err = s.takeListed(ctx, &it, c)
	} else {
		fs, err = s.takeAlong(ctx, it, c)
	}
	if err != nil || !st.Follow {
		return fs, err
	}
	return fs, s.follow(ctx, fs, c)
}

// takeListed makes a file of an item that came by a list.
func (s *Service) takeListed(ctx context.Context, it *item.Item, c *Change) ([]File, error) {
	is := *it
	is.Imported = nil
	if is.Agency == "" {
		return nil, errs.New(errs.Conflict, "design.no_agency", errs.P{"name": it.Name})
	}
	if is.Online == "" {
		is.Online = item.OnlineGuide
	}
	if is.Serial == 0 {
		is.Serial = 1
	}
	if err := s.placeIn(ctx, c, &is); err != nil {
		return nil, err
	}
	return s.firstFiles(ctx, c, &is)
}

// takeAlong copies an item's file, and the form, flow, papers and licence type it names where the same pack holds them.
func (s *Service) takeAlong(ctx context.Context, it item.Item, c *Change) ([]File, error) {
	p, err := s.present(ctx, *c)
	if err != nil {
		return nil, err
	}
	c.PackVersion, c.PackName = p.Version, p.Name
	keys := map[Kind][]string{ItemFile: {it.Key}, FormFile: {it.Form}, FlowFile: {it.Flow}, LicenceFile: {it.Result.LicenceType}}
	for _, key := range it.Papers {
		keys[PaperFile] = append(keys[PaperFile], key)
	}
	var fs []File
	for _, f := range p.Files {
		k, _ := KindOf(f.Path)
		if key, ok := keyIn(f); ok && slices.Contains(keys[k], key) {
			fs = append(fs, File{Path: f.Path, Content: f.Data, Was: f.Data})
		}
	}
	if !slices.ContainsFunc(fs, func(f File) bool { k, _ := KindOf(f.Path); return k == ItemFile }) {
		return nil, errs.New(errs.Conflict, "design.item_file", errs.P{"key": it.Key, "pack": c.Pack})
	}
	return fs, nil
}

// keyIn reads the key a definition's file defines: its name need not be the file's.
func keyIn(f packfile.File) (string, bool) {
	if k, _ := KindOf(f.Path); !slices.Contains(Kinds, k) {
		return "", false
	}
	var v struct {
		Key string `json:"key"`
	}
	return v.Key, packfile.Loose(f, &v) && v.Key != ""
}

// follow merges what the base changed into the item's file.
func (s *Service) follow(ctx context.Context, fs []File, c *Change) error {
	if s.bases == nil {
		return errs.New(errs.NotFound, "design.no_bases")
	}
	i := slices.IndexFunc(fs, func(f File) bool { k, _ := KindOf(f.Path); return k == ItemFile })
	var it item.Item
	if err := decode(fs[i], &it); err != nil {
		return err
	}
	is, clashes, err := s.bases.FollowItem(ctx, &it)
	if err != nil {
		return err
	}
	if fs[i].Content, err = pack.Encode(is); err != nil {
		return err
	}
	var lost []string
	for _, x := range clashes {
		lost = append(lost, strings.TrimSpace(x.Element+" "+x.Row)+": "+x.Mine)
	}
	c.Reason = strings.Join(lost, "\n")
	return nil
}
