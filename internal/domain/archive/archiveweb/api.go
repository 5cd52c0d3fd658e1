package archiveweb

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"tongban/internal/base/authz"
	"tongban/internal/base/i18n"
	"tongban/internal/base/web"
	"tongban/internal/domain/archive"
)

// PackageSummary is one archive package.
type PackageSummary struct {
	ID        string     `json:"id"`
	ArchiveNo string     `json:"archive_no,omitempty" doc:"档号; absent: not made yet"`
	CaseNo    string     `json:"case_no"`
	ItemName  string     `json:"item_name"`
	Agency    string     `json:"agency"`
	Result    string     `json:"result,omitempty"`
	Year      int        `json:"year,omitempty"`
	Period    string     `json:"period,omitempty" doc:"保管期限: permanent, y30, y10"`
	State     string     `json:"state" doc:"waiting or ready"`
	Sound     bool       `json:"sound" doc:"the last examination found nothing grave"`
	Waiting   string     `json:"waiting_for,omitempty" doc:"why it still waits, in words"`
	Size      int64      `json:"size"`
	SM3       string     `json:"sm3,omitempty"`
	Made      *time.Time `json:"made,omitempty"`
	Checked   *time.Time `json:"checked,omitempty"`
}

type packagesInput struct {
	Agency string `query:"agency" maxLength:"60"`
	Year   int    `query:"year" minimum:"0" maximum:"9999"`
	Period string `query:"period" maxLength:"20"`
	State  string `query:"state" maxLength:"20" doc:"waiting, ready or unsound"`
	Query  string `query:"q" maxLength:"100" doc:"case number or archive number, whole"`
	After  string `query:"after" maxLength:"60"`
	Limit  int    `query:"limit" minimum:"0" maximum:"100"`
}

type packagesOutput struct {
	Body struct {
		Packages []PackageSummary `json:"packages"`
		Next     string           `json:"next,omitempty"`
	}
}

type packageInput struct {
	ID string `path:"id" maxLength:"60"`
}

// CheckSummary is one of the four checks.
type CheckSummary struct {
	Name     string   `json:"name" doc:"authenticity, completeness, usability, security"`
	OK       bool     `json:"ok"`
	Findings []string `json:"findings" doc:"in words"`
}

type packageOutput struct {
	Body struct {
		PackageSummary
		Checks []CheckSummary `json:"checks" doc:"of the last examination"`
	}
}

type checkOutput struct {
	Body struct {
		Sound  bool           `json:"sound"`
		Checks []CheckSummary `json:"checks"`
	}
}

type api struct{ svc *archive.Service }

// AddAPI adds the operations of the archive.
func AddAPI(a *web.API, s *archive.Service) {
	h, tags := api{s}, []string{"archive"}
	web.Op(a, authz.ArchiveSee, huma.Operation{OperationID: "list-archive-packages", Method: http.MethodGet, Path: "/archive/packages", Summary: "Archive packages 归档包", Tags: tags}, h.list)
	web.Op(a, authz.ArchiveSee, huma.Operation{OperationID: "get-archive-package", Method: http.MethodGet, Path: "/archive/packages/{id}", Summary: "An archive package with its last examination 归档包及最近一次检测", Tags: tags}, h.show)
	web.Op(a, authz.ArchiveSee, huma.Operation{OperationID: "check-archive-package", Method: http.MethodPost, Path: "/archive/packages/{id}/check", Summary: "Examine an archive package now 立即做四性检测", Tags: tags}, h.check)
}

func summary(ctx context.Context, p archive.Package) PackageSummary {
	out := PackageSummary{
		ID: p.ID, ArchiveNo: p.ArchiveNo, CaseNo: p.CaseNo, ItemName: p.ItemName, Agency: p.Agency, Result: p.Result, Year: p.Year, Period: p.Period, State: p.State, Sound: p.Sound,
		Size: p.Size, SM3: p.Digest,
	}
	if !p.Made.IsZero() {
		out.Made, out.Checked = &p.Made, &p.Checked
	}
	if p.Failure != "" {
		out.Waiting = i18n.T(ctx, p.Failure, about(p))
	}
	return out
}

func summaries(ctx context.Context, cs archive.Checks) []CheckSummary {
	out := []CheckSummary{}
	for _, c := range cs {
		s := CheckSummary{Name: c.Name, OK: c.OK, Findings: []string{}}
		for _, f := range c.Findings {
			s.Findings = append(s.Findings, i18n.T(ctx, f.Key, f.P()))
		}
		out = append(out, s)
	}
	return out
}

func (h api) list(ctx context.Context, in *packagesInput) (*packagesOutput, error) {
	pg, err := h.svc.List(ctx, authz.From(ctx), archive.Filter{Agency: in.Agency, Year: in.Year, Period: in.Period, State: in.State, Query: in.Query, After: in.After, Limit: in.Limit})
	if err != nil {
		return nil, err
	}
	out := &packagesOutput{}
	out.Body.Packages, out.Body.Next = []PackageSummary{}, pg.Next
	for _, p := range pg.Packages {
		out.Body.Packages = append(out.Body.Packages, summary(ctx, p))
	}
	return out, nil
}

func (h api) show(ctx context.Context, in *packageInput) (*packageOutput, error) {
	v, err := h.svc.Package(ctx, authz.From(ctx), in.ID)
	if err != nil {
		return nil, err
	}
	out := &packageOutput{}
	out.Body.PackageSummary, out.Body.Checks = summary(ctx, v.Package), []CheckSummary{}
	if len(v.Runs) > 0 {
		out.Body.Checks = summaries(ctx, v.Runs[0].Checks)
	}
	return out, nil
}

func (h api) check(ctx context.Context, in *packageInput) (*checkOutput, error) {
	run, err := h.svc.Recheck(ctx, authz.From(ctx), in.ID)
	if err != nil {
		return nil, err
	}
	out := &checkOutput{}
	out.Body.Sound, out.Body.Checks = run.Sound, summaries(ctx, run.Checks)
	return out, nil
}
