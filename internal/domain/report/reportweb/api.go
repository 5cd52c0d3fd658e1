package reportweb

import (
	"context"
	"io"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"tongban/internal/base/authz"
	"tongban/internal/base/i18n"
	"tongban/internal/base/sheet"
	"tongban/internal/base/web"
	"tongban/internal/domain/cases"
	"tongban/internal/domain/report"
)

// ReportSummary is the head of a report.
type ReportSummary struct {
	ID       string     `json:"id"`
	Month    string     `json:"month" doc:"YYYY-MM, Asia/Shanghai"`
	Region   string     `json:"region"`
	Version  int        `json:"version" doc:"0 while it is made"`
	State    string     `json:"state" doc:"making, sealed, or same: run again with the same numbers as same_as"`
	SameAs   string     `json:"same_as,omitempty"`
	Previous string     `json:"previous,omitempty" doc:"the version before"`
	Cut      time.Time  `json:"cut" doc:"what was recorded later is not in it"`
	Final    bool       `json:"final" doc:"the month was over at the cut"`
	Sealed   *time.Time `json:"sealed,omitempty"`
	SM3      string     `json:"sm3,omitempty" doc:"over month, region and all numbers"`
	Late     int        `json:"late" doc:"entries recorded after the version before"`
}

// ReportLine is one line of a report.
type ReportLine struct {
	By   string `json:"by" doc:"total, agency, item or channel"`
	Key  string `json:"key"`
	Name string `json:"name"`
	report.Numbers
	OnTimePercent *float64 `json:"on_time_percent,omitempty"`
	Median        *int     `json:"median_days,omitempty"`
	P90           *int     `json:"p90_days,omitempty"`
}

// ReportChange is one number that differs from the version before.
type ReportChange struct {
	By     string `json:"by"`
	Key    string `json:"key"`
	Number string `json:"number"`
	Was    int    `json:"was"`
	Now    int    `json:"now"`
}

// BehindCase is one thing a number counts.
type BehindCase struct {
	CaseID  string    `json:"case_id,omitempty" doc:"absent: ratings name no case"`
	CaseNo  string    `json:"case_no,omitempty"`
	Kind    string    `json:"kind"`
	Outcome string    `json:"outcome,omitempty"`
	Agency  string    `json:"agency"`
	Item    string    `json:"item,omitempty"`
	Channel string    `json:"channel,omitempty"`
	At      time.Time `json:"at" doc:"the moment it counts for"`
	Noted   time.Time `json:"recorded"`
	Days    *int      `json:"days,omitempty" doc:"working days to the decision"`
}

// ExportSummary is one export.
type ExportSummary struct {
	ID       string     `json:"id"`
	Of       string     `json:"of" doc:"inbox, region, report or facts"`
	Format   string     `json:"format"`
	State    string     `json:"state" doc:"making, ready, failed or dropped"`
	Problem  string     `json:"problem,omitempty" doc:"why it failed, in words"`
	Rows     int        `json:"rows" doc:"so far"`
	Size     int64      `json:"size,omitempty"`
	SM3      string     `json:"sm3,omitempty"`
	Created  time.Time  `json:"created"`
	Finished *time.Time `json:"finished,omitempty"`
	Expires  *time.Time `json:"expires,omitempty"`
}

type api struct{ Config }

type reportIDInput struct {
	ID string `path:"id" maxLength:"100"`
}

type reportListOutput struct {
	Body struct {
		Reports []ReportSummary `json:"reports"`
	}
}

type reportRunInput struct {
	Body struct {
		Month string `json:"month" maxLength:"7" doc:"YYYY-MM"`
	}
}

type reportReadOutput struct {
	Body struct {
		ReportSummary
		Lines   []ReportLine   `json:"lines"`
		Changes []ReportChange `json:"changes" doc:"against the version before"`
	}
}

type reportCheckOutput struct {
	Body struct {
		Same bool `json:"same" doc:"the digest counted anew is the sealed one"`
	}
}

type reportCasesInput struct {
	ID     string `path:"id" maxLength:"100"`
	Number string `query:"number" maxLength:"30" required:"true" doc:"a number of a line, late, or added: recorded after the version before"`
	By     string `query:"by" maxLength:"10"`
	Key    string `query:"key" maxLength:"100"`
	After  string `query:"after" maxLength:"300"`
}

type reportCasesOutput struct {
	Body struct {
		N     int          `json:"n" doc:"in all"`
		Cases []BehindCase `json:"cases"`
		Next  string       `json:"next,omitempty"`
	}
}

type exportListOutput struct {
	Body struct {
		Exports []ExportSummary `json:"exports"`
	}
}

type exportBeginInput struct {
	Body struct {
		Of      string `json:"of" enum:"inbox,region,report,facts"`
		Format  string `json:"format" enum:"csv,xlsx"`
		Report  string `json:"report,omitempty" maxLength:"100"`
		By      string `json:"by,omitempty" maxLength:"10"`
		Key     string `json:"key,omitempty" maxLength:"100"`
		Number  string `json:"number,omitempty" maxLength:"30"`
		Tab     string `json:"tab,omitempty" maxLength:"10"`
		Post    string `json:"post,omitempty" maxLength:"60"`
		Agency  string `json:"agency,omitempty" maxLength:"60"`
		Item    string `json:"item,omitempty" maxLength:"60"`
		State   string `json:"state,omitempty" maxLength:"30"`
		Channel string `json:"channel,omitempty" maxLength:"20"`
		Region  string `json:"region,omitempty" maxLength:"12"`
		Overdue bool   `json:"overdue,omitempty"`
		Once    string `json:"once,omitempty" maxLength:"100" doc:"the same key begins it once"`
	}
}

type exportReadOutput struct{ Body ExportSummary }

// AddAPI adds the operations of statistics and exports.
func AddAPI(a *web.API, c Config) {
	h, tags := api{c}, []string{"reports"}
	web.Op(a, authz.Supervise, huma.Operation{OperationID: "list-reports", Method: http.MethodGet, Path: "/reports", Summary: "Monthly statistics of one's region 月度统计", Tags: tags}, h.list)
	web.Op(a, authz.Supervise, huma.Operation{OperationID: "run-report", Method: http.MethodPost, Path: "/reports", Summary: "Count a month; a job seals it 开始统计", Tags: tags, DefaultStatus: http.StatusAccepted}, h.run)
	web.Op(a, authz.Supervise, huma.Operation{OperationID: "get-report", Method: http.MethodGet, Path: "/reports/{id}", Summary: "A report with its lines and what changed 一份统计", Tags: tags}, h.show)
	web.Op(a, authz.Supervise, huma.Operation{OperationID: "check-report", Method: http.MethodPost, Path: "/reports/{id}/check", Summary: "Count a report anew and compare digests 复核摘要", Tags: tags}, h.check)
	web.Op(a, authz.Supervise, huma.Operation{OperationID: "list-report-cases", Method: http.MethodGet, Path: "/reports/{id}/cases", Summary: "The very cases a number counts 统计明细", Tags: tags}, h.behind)
	web.Op(a, authz.ExportOwn, huma.Operation{OperationID: "list-exports", Method: http.MethodGet, Path: "/exports", Summary: "One's own exports 我的导出", Tags: tags}, h.exports)
	web.Op(a, authz.ExportOwn, huma.Operation{OperationID: "begin-export", Method: http.MethodPost, Path: "/exports", Summary: "Begin an export; a job makes it 开始导出", Tags: tags, DefaultStatus: http.StatusAccepted}, h.export)
	web.Op(a, authz.ExportOwn, huma.Operation{OperationID: "get-export", Method: http.MethodGet, Path: "/exports/{id}", Summary: "How far an export is 导出进度", Tags: tags}, h.exported)
	web.Op(a, authz.ExportOwn, huma.Operation{
		OperationID: "fetch-export", Method: http.MethodGet, Path: "/exports/{id}/file", Summary: "Fetch a finished export 下载导出文件", Tags: tags,
		Responses: map[string]*huma.Response{"200": {Description: "the file", Content: map[string]*huma.MediaType{sheet.MIME(sheet.XLSX): {}, "text/csv": {}}}},
	}, h.file)
}

func headOf(r report.Report) ReportSummary {
	out := ReportSummary{
		ID: r.ID, Month: r.Month, Region: r.Region, Version: r.Version, State: r.State, SameAs: r.SameAs, Previous: r.Previous, Cut: r.Cut, Final: r.Final, SM3: r.SM3, Late: r.Late,
	}
	if !r.Sealed.IsZero() {
		out.Sealed = &r.Sealed
	}
	return out
}

func (h api) list(ctx context.Context, _ *struct{}) (*reportListOutput, error) {
	rs, err := h.Reports.Reports(ctx, authz.From(ctx))
	out := &reportListOutput{}
	out.Body.Reports = []ReportSummary{}
	for _, r := range rs {
		out.Body.Reports = append(out.Body.Reports, headOf(r))
	}
	return out, err
}

func (h api) run(ctx context.Context, in *reportRunInput) (*reportReadOutput, error) {
	id, err := h.Reports.Run(ctx, authz.From(ctx), in.Body.Month)
	if err != nil {
		return nil, err
	}
	return h.show(ctx, &reportIDInput{id})
}

func (h api) show(ctx context.Context, in *reportIDInput) (*reportReadOutput, error) {
	v, err := h.Reports.Report(ctx, authz.From(ctx), in.ID)
	if err != nil {
		return nil, err
	}
	out := &reportReadOutput{}
	out.Body.ReportSummary, out.Body.Lines, out.Body.Changes = headOf(v.Report), []ReportLine{}, []ReportChange{}
	for _, l := range v.Lines {
		line := ReportLine{By: string(l.By), Key: l.Key, Name: report.LineName(ctx, l), Numbers: l.Numbers}
		if p := l.OnTimePercent(); p >= 0 {
			line.OnTimePercent = new(float64(p) / 10)
		}
		if l.Measured > 0 {
			line.Median, line.P90 = new(l.At(50)), new(l.At(90))
		}
		out.Body.Lines = append(out.Body.Lines, line)
	}
	for _, c := range v.Changes {
		out.Body.Changes = append(out.Body.Changes, ReportChange{string(c.By), c.Key, c.Field, c.Was, c.Now})
	}
	return out, nil
}

func (h api) check(ctx context.Context, in *reportIDInput) (*reportCheckOutput, error) {
	same, err := h.Reports.Check(ctx, authz.From(ctx), in.ID)
	out := &reportCheckOutput{}
	out.Body.Same = same
	return out, err
}

func (h api) behind(ctx context.Context, in *reportCasesInput) (*reportCasesOutput, error) {
	p, err := h.Reports.Behind(ctx, authz.From(ctx), in.ID, report.Asked{By: report.By(in.By), Key: in.Key, Of: in.Number}, in.After)
	if err != nil {
		return nil, err
	}
	out := &reportCasesOutput{}
	out.Body.N, out.Body.Next, out.Body.Cases = p.N, p.Next, []BehindCase{}
	for _, b := range p.Rows {
		c := BehindCase{CaseID: b.CaseID, CaseNo: b.CaseNo, Kind: b.Kind, Outcome: b.Outcome, Agency: b.Agency, Item: b.Item, Channel: b.Channel, At: b.At, Noted: b.Noted}
		if b.Days >= 0 {
			c.Days = new(b.Days)
		}
		out.Body.Cases = append(out.Body.Cases, c)
	}
	return out, nil
}

func exportHead(ctx context.Context, x report.Export) ExportSummary {
	out := ExportSummary{ID: x.ID, Of: x.Of, Format: x.Format, State: x.State, Rows: x.Rows, Size: x.Size, SM3: x.SM3, Created: x.Created}
	if !x.Finished.IsZero() {
		out.Finished = &x.Finished
	}
	if !x.Expires.IsZero() {
		out.Expires = &x.Expires
	}
	if x.Problem != "" {
		out.Problem = i18n.T(ctx, x.Problem)
	}
	return out
}

func (h api) exports(ctx context.Context, _ *struct{}) (*exportListOutput, error) {
	xs, err := h.Reports.Exports(ctx, authz.From(ctx))
	out := &exportListOutput{}
	out.Body.Exports = []ExportSummary{}
	for _, x := range xs {
		out.Body.Exports = append(out.Body.Exports, exportHead(ctx, x))
	}
	return out, err
}

func (h api) export(ctx context.Context, in *exportBeginInput) (*exportReadOutput, error) {
	b := in.Body
	id, err := h.Reports.Export(ctx, authz.From(ctx), b.Once, report.Wanted{
		Of: b.Of, Format: b.Format, Report: b.Report, Behind: report.Asked{By: report.By(b.By), Key: b.Key, Of: b.Number},
		Cases: cases.Filter{Tab: b.Tab, Post: b.Post, Agency: b.Agency, Item: b.Item, State: cases.State(b.State), Channel: b.Channel, Region: b.Region, Overdue: b.Overdue},
	})
	if err != nil {
		return nil, err
	}
	return h.exported(ctx, &reportIDInput{id})
}

func (h api) exported(ctx context.Context, in *reportIDInput) (*exportReadOutput, error) {
	x, err := h.Reports.ExportOf(ctx, authz.From(ctx), in.ID)
	if err != nil {
		return nil, err
	}
	return &exportReadOutput{exportHead(ctx, x)}, nil
}

// file streams the export; what breaks on the way must not look like a whole file.
func (h api) file(ctx context.Context, in *reportIDInput) (*huma.StreamResponse, error) {
	body, x, err := h.Reports.Open(ctx, authz.From(ctx), in.ID)
	if err != nil {
		return nil, err
	}
	return &huma.StreamResponse{Body: func(hc huma.Context) {
		defer func() { _ = body.Close() }() // only read
		hc.SetHeader("Content-Type", sheet.MIME(x.Format))
		hc.SetHeader("Content-Disposition", `attachment; filename="`+x.FileName()+`"`)
		hc.SetHeader("Cache-Control", "no-store")
		if _, err := io.Copy(hc.BodyWriter(), body); err != nil {
			panic(http.ErrAbortHandler)
		}
	}}, nil
}
