package catalogweb

import (
	"context"
	"encoding/json"
	"errors"
	"mime/multipart"
	"net/http"
	"path"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"tongban/internal/base/authz"
	"tongban/internal/base/errs"
	"tongban/internal/base/i18n"
	"tongban/internal/base/web"
	"tongban/internal/domain/catalog"
)

// ItemChange is one line of the feed of changes.
type ItemChange struct {
	Key       string `json:"key"`
	Seq       int64  `json:"seq" doc:"number of the change; changes of one batch share it"`
	Version   int    `json:"version"`
	State     string `json:"state" enum:"1,2,3" doc:"1 in use 在用, 2 suspended 暂停, 3 cancelled 取消"`
	Published string `json:"published" format:"date-time"`
	Removed   bool   `json:"removed" doc:"the item is cancelled: drop it"`
}

// ItemChanges is a piece of the feed.
type ItemChanges struct {
	Changes []ItemChange `json:"changes" doc:"oldest first; an item stands here once, with its last change"`
	Next    string       `json:"next" doc:"for after, the next time; keep it"`
	More    bool         `json:"more" doc:"ask again at once"`
}

type changesInput struct {
	After string `query:"after" maxLength:"300" doc:"next of the answer before, or the number of a change; nothing: from the beginning"`
	Limit int    `query:"limit" default:"1000" minimum:"1" maximum:"10000"`
}

type changesOutput struct{ Body ItemChanges }

type exportInput struct {
	After  string `query:"after" maxLength:"300" doc:"key of the last item received: goes on behind it"`
	Region string `query:"region" maxLength:"12" doc:"code of a division, with everything below it"`
	Agency string `query:"agency" maxLength:"200"`
}

// ItemLine is one line of the export.
type ItemLine struct {
	Key       string         `json:"key"`
	Seq       int64          `json:"seq" doc:"number of the item's last change, for the feed"`
	Version   int            `json:"version"`
	State     string         `json:"state"`
	Published string         `json:"published" format:"date-time"`
	Agency    string         `json:"agency_name,omitempty"`
	Region    string         `json:"region,omitempty"`
	Code      string         `json:"code,omitempty"`
	Item      map[string]any `json:"item" doc:"every public element, named as in a pack's items file"`
}

type importInput struct {
	RawBody multipart.Form
	From    string `query:"from" maxLength:"40" doc:"system whose codes the list has: national (where nothing is said), older, vendor, zhejiang or another there is a mapping table for"`
	Dry     bool   `query:"dry_run" doc:"only check; the import then waits for /load"`
}

// ItemImport is an import of a list with how far it has come.
type ItemImport struct {
	ID       string         `json:"id"`
	Href     string         `json:"href" doc:"where to ask how far it has come"`
	Name     string         `json:"name,omitempty"`
	State    string         `json:"state" enum:"checking,checked,loading,done,cancelled,failed"`
	Done     int            `json:"done" doc:"rows behind us"`
	Total    int            `json:"total" doc:"rows in all; 0 as long as nobody knows"`
	Count    catalog.Counts `json:"count"`
	Findings []ItemFinding  `json:"findings,omitempty" doc:"kinds of findings with their rows; all of them are in findings.csv"`
	Problem  string         `json:"problem,omitempty"`
}

// ItemFinding is one kind of finding in an imported list.
type ItemFinding struct {
	Column  string `json:"column,omitempty"`
	Code    string `json:"code"`
	Text    string `json:"text"`
	Rows    string `json:"rows" doc:"such as 2–17, 19"`
	Count   int    `json:"count"`
	Serious bool   `json:"serious" doc:"the rows were not taken"`
}

type importOutput struct {
	Location string `header:"Location"`
	Body     ItemImport
}

type importIDInput struct {
	ID string `path:"id" maxLength:"60"`
}

// addBulk adds the operations other systems keep their copies with: the feed of changes, the whole catalogue, the import.
func (p *Pages) addBulk(a *web.API) {
	tags := []string{"items"}
	web.Op(a, authz.Public, huma.Operation{OperationID: "list-item-changes", Method: http.MethodGet, Path: "/items/changes", Summary: "Feed of changes 事项变更流", Tags: tags}, p.apiChanges)
	web.Op(a, authz.Public, huma.Operation{
		OperationID: "export-items", Method: http.MethodGet, Path: "/items/export.jsonl", Summary: "All items as JSON lines, in the order of their keys 全部事项（JSONL）", Tags: tags,
		Responses: map[string]*huma.Response{"200": {Description: "JSON lines, each an item", Content: map[string]*huma.MediaType{"application/jsonl": {}}}},
	}, p.apiExport, web.PerMinute(60))
	office := []string{"office"}
	web.Op(a, authz.CatalogEdit, huma.Operation{
		OperationID: "import-items", Method: http.MethodPost, Path: "/office/items/import", DefaultStatus: http.StatusAccepted, MaxBodyBytes: catalog.MaxList, Tags: office,
		Summary: "Import a list in any of its formats 导入事项清单", Description: "multipart/form-data with the file in the field list. The same bytes sent again while their import is under way give that import.",
	}, p.apiImport, web.Upload(catalog.MaxList))
	web.Op(a, authz.CatalogEdit, huma.Operation{OperationID: "get-item-import", Method: http.MethodGet, Path: "/office/items/imports/{id}", Summary: "How far an import has come 导入进度和报告", Tags: office}, p.apiImportState)
	web.Op(a, authz.CatalogEdit, huma.Operation{
		OperationID: "load-item-import", Method: http.MethodPost, Path: "/office/items/imports/{id}/load", DefaultStatus: http.StatusAccepted, Summary: "Load a list that was checked 确认导入", Tags: office,
	}, p.apiImportLoad)
	web.Op(a, authz.CatalogEdit, huma.Operation{OperationID: "cancel-item-import", Method: http.MethodPost, Path: "/office/items/imports/{id}/cancel", Summary: "Cancel an import 取消导入", Tags: office}, p.apiImportCancel)
}

func stamp(ms int64) string { return time.UnixMilli(ms).UTC().Format(time.RFC3339) }

func (p *Pages) apiChanges(ctx context.Context, in *changesInput) (*changesOutput, error) {
	all, next, err := p.catalog.Changes(ctx, in.After, in.Limit)
	if err != nil {
		return nil, err
	}
	out := &changesOutput{Body: ItemChanges{Changes: make([]ItemChange, 0, len(all)), Next: next, More: len(all) == in.Limit}}
	for _, c := range all {
		out.Body.Changes = append(out.Body.Changes, ItemChange{Key: c.Key, Seq: c.Seq, Version: c.Version, State: c.State, Published: stamp(c.PublishedMS), Removed: c.Removed})
	}
	return out, nil
}

// apiExport streams the items. What was received stays good when the connection breaks: after goes on behind the last whole line.
func (p *Pages) apiExport(ctx context.Context, in *exportInput) (*huma.StreamResponse, error) {
	return &huma.StreamResponse{Body: func(hc huma.Context) {
		hc.SetHeader("Content-Type", "application/jsonl")
		hc.SetHeader("Cache-Control", "no-store")
		enc := json.NewEncoder(hc.BodyWriter())
		err := p.catalog.Walk(ctx, in.After, catalog.Selection{Region: in.Region, Agency: in.Agency}, func(it *catalog.Item, c catalog.Change) error {
			guide, err := guideJSON(*it, false)
			if err != nil {
				return err
			}
			return enc.Encode(ItemLine{
				Key: c.Key, Seq: c.Seq, Version: c.Version, State: c.State, Published: stamp(c.PublishedMS), Agency: it.AgencyName, Region: it.Region, Code: it.Code, Item: guide,
			})
		})
		if err != nil {
			panic(http.ErrAbortHandler) // half a list must not look like a whole one
		}
	}}, nil
}

func (p *Pages) apiImport(ctx context.Context, in *importInput) (*importOutput, error) {
	files := in.RawBody.File["list"]
	if len(files) == 0 {
		return nil, errs.New(errs.Invalid, "list.no_file")
	}
	f, err := files[0].Open()
	if err != nil {
		return nil, err
	}
	id, err := p.catalog.StartImport(ctx, authz.From(ctx), catalog.Upload{Name: path.Base(files[0].Filename), From: in.From, Straight: !in.Dry}, f)
	if err = errors.Join(err, f.Close()); err != nil {
		return nil, err
	}
	return p.importAnswer(ctx, id)
}

func (p *Pages) importAnswer(ctx context.Context, id string) (*importOutput, error) {
	info, err := p.catalog.ImportInfo(ctx, authz.From(ctx), id)
	if err != nil {
		return nil, err
	}
	rep, err := p.catalog.ImportReport(ctx, authz.From(ctx), id)
	if err != nil {
		return nil, err
	}
	href := "/api/v1/office/items/imports/" + id
	out := &importOutput{Location: href, Body: ItemImport{ID: id, Href: href, Name: info.Name, State: info.State, Done: info.Done, Total: info.Total, Count: rep.Count}}
	for _, s := range rep.Kinds {
		text := s.Chinese
		if i18n.From(ctx) == i18n.English {
			text = s.English
		}
		out.Body.Findings = append(out.Body.Findings, ItemFinding{Column: s.Column, Code: s.Key, Text: text, Rows: s.Where(), Count: s.Count, Serious: s.Serious})
	}
	if info.Problem != nil {
		out.Body.Problem = i18n.Err(ctx, info.Problem)
	}
	return out, nil
}

func (p *Pages) apiImportState(ctx context.Context, in *importIDInput) (*importOutput, error) {
	return p.importAnswer(ctx, in.ID)
}

func (p *Pages) apiImportLoad(ctx context.Context, in *importIDInput) (*importOutput, error) {
	if err := p.catalog.LoadImport(ctx, authz.From(ctx), in.ID); err != nil {
		return nil, err
	}
	return p.importAnswer(ctx, in.ID)
}

func (p *Pages) apiImportCancel(ctx context.Context, in *importIDInput) (*importOutput, error) {
	if err := p.catalog.CancelImport(ctx, authz.From(ctx), in.ID); err != nil {
		return nil, err
	}
	return p.importAnswer(ctx, in.ID)
}
