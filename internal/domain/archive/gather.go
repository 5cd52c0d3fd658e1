package archive

import (
	"context"
	"fmt"
	"io"
	"strings"

	"tongban/internal/base/errs"
	"tongban/internal/domain/cases"
	"tongban/internal/domain/licence"
	"tongban/internal/domain/paper"
)

// Where things stand in a package.
const (
	casePath     = "case.json"
	itemPath     = "form/item.json"
	formPath     = "form/definition.json"
	decisionPath = "decision/decision.json"
	refusalPath  = "decision/refusal.json"
	eventsPath   = "log/events.json"
	historyPath  = "log/history.json"
)

func roundPath(n int) string { return fmt.Sprintf("form/round-%02d.json", n) }

// head is case.json: the case without what stands in files of its own.
type head struct {
	Case        cases.Case               `json:"case"`
	Applicant   cases.DossierApplicant   `json:"applicant"`
	Behalf      *cases.Behalf            `json:"behalf,omitempty"`
	HandOut     *cases.DossierHandOut    `json:"hand_out,omitempty"`
	Suspensions []cases.Suspension       `json:"suspensions,omitempty"`
	Extension   *cases.Extension         `json:"extension,omitempty"`
	Corrections []cases.CorrectionNotice `json:"corrections,omitempty"`
}

// paperRecord and licenceRecord are what the register says about a sealed file.
type paperRecord struct {
	Path    string        `json:"path"`
	Act     string        `json:"act"`
	Title   string        `json:"title"`
	Number  string        `json:"number"`
	Issued  string        `json:"issued"`
	Proofs  []paper.Proof `json:"proofs,omitempty"` // of delivery
	ID      string        `json:"id"`
	Version int           `json:"template_version"`
}

type licenceRecord struct {
	Path       string            `json:"path"`
	ID         string            `json:"id"`
	Identifier string            `json:"identifier"`
	Number     string            `json:"number"`
	Type       string            `json:"type"`
	TypeName   string            `json:"type_name"`
	Holder     string            `json:"holder"`
	State      string            `json:"state"`
	ValidFrom  string            `json:"valid_from"`
	ValidUntil string            `json:"valid_until,omitempty"`
	Fields     map[string]string `json:"fields"`
}

// gather puts all of a case into a pack, in the order people read it.
func (s *Service) gather(ctx context.Context, d cases.Dossier) (*pack, Chain, error) {
	p := &pack{}
	p.json(Entry{Path: casePath, Title: "办件基本信息", Kind: KindRecord}, head{d.Case, d.Applicant, d.Behalf, d.HandOut, d.Suspensions, d.Extension, d.Corrections})
	p.json(Entry{Path: itemPath, Title: "事项（" + d.Item.Name + "）", Kind: KindForm}, d.Item)
	p.json(Entry{Path: formPath, Title: "表单定义", Kind: KindForm}, d.Form)
	for _, r := range d.Rounds {
		p.json(Entry{Path: roundPath(r.Round), Title: fmt.Sprintf("申请表（第%d次提交）", r.Round), Kind: KindForm, Origin: OriginApplicant, Round: r.Round}, r)
	}
	s.materials(p, d)
	if err := s.evidence(ctx, p, d); err != nil {
		return nil, Chain{}, err
	}
	for i, o := range d.Opinions {
		p.json(Entry{Path: fmt.Sprintf("opinions/%03d.json", i+1), Title: "审查意见", Kind: KindOpinion, Origin: OriginAgency, Ref: o.Step}, o)
	}
	for i, x := range d.Inspections {
		p.json(Entry{Path: fmt.Sprintf("inspections/%03d.json", i+1), Title: "现场核查记录", Kind: KindInspection, Origin: OriginAgency, Ref: x.Step}, x)
	}
	if d.Decision != nil {
		p.json(Entry{Path: decisionPath, Title: "决定", Kind: KindDecision, Origin: OriginAgency}, d.Decision)
	}
	if d.Refusal != nil {
		p.json(Entry{Path: refusalPath, Title: "不予受理", Kind: KindDecision, Origin: OriginAgency}, d.Refusal)
	}
	if d.Ending != nil {
		p.json(Entry{Path: "decision/ending.json", Title: "结束办理", Kind: KindDecision, Origin: OriginAgency}, d.Ending)
	}
	if err := s.papers(ctx, p, d.Case.ID); err != nil {
		return nil, Chain{}, err
	}
	if err := s.licences(ctx, p, d.Case.ID); err != nil {
		return nil, Chain{}, err
	}
	if err := s.talk(ctx, p, d); err != nil {
		return nil, Chain{}, err
	}
	events, chain, err := chained(d.Case.CaseNo, d.Events)
	if err != nil {
		return nil, chain, err
	}
	p.bytes(Entry{Path: eventsPath, Title: "办理过程", Kind: KindLog, Origin: OriginPlatform, MIME: "application/json"}, events)
	p.json(Entry{Path: historyPath, Title: "操作记录", Kind: KindLog}, d.History)
	p.json(Entry{Path: "log/tasks.json", Title: "任务记录", Kind: KindLog}, d.Tasks)
	p.json(Entry{Path: "log/visits.json", Title: "到场记录", Kind: KindLog}, d.Visits)
	return p, chain, p.err
}

// materials adds each file as it was handed in, also one that was taken out again later, and for a document of a register what it said.
func (s *Service) materials(p *pack, d cases.Dossier) {
	for i, f := range d.Files {
		e := Entry{
			Path: fmt.Sprintf("materials/%04d.%s", i+1, extension(f.MIME)), Title: or(f.Label, f.Material), File: f.Name, Kind: KindMaterial, Origin: OriginApplicant,
			MIME: f.MIME, Round: f.Round, Ref: f.ID, Taken: f.Removed,
		}
		switch f.Source {
		case cases.SourceOfficer, cases.SourceWindow:
			e.Origin = OriginAgency
		case cases.SourceGenerated:
			e.Origin = OriginPlatform
		case cases.SourceLicence:
			e.Origin = OriginRegister
		}
		if f.BlobID == "" {
			e.Path, e.File = fmt.Sprintf("materials/%04d.json", i+1), ""
			p.json(e, f.File)
			continue
		}
		if f.Digest != "" {
			e.Size, e.SM3 = f.Size, f.Digest
		}
		p.parts = append(p.parts, part{Entry: e, open: func() (io.ReadCloser, error) { return s.Blobs.Get(f.BlobID) }})
	}
}

// evidence adds the proofs of electronic signatures. One that its room has not kept is an error: a package must not lose it silently.
func (s *Service) evidence(ctx context.Context, p *pack, d cases.Dossier) error {
	if s.Evidence == nil {
		return nil
	}
	for _, g := range d.Signatures {
		b, err := s.Evidence(ctx, g.ID)
		if err != nil {
			return fmt.Errorf("evidence of signature %s: %w", g.ID, err)
		}
		p.bytes(Entry{
			Path: fmt.Sprintf("signatures/round-%02d.json", g.Round), Title: fmt.Sprintf("电子签名凭证（第%d次提交）", g.Round), Kind: KindSignature,
			Origin: OriginApplicant, MIME: "application/json", Round: g.Round, Ref: g.ID,
		}, b)
	}
	return nil
}

// papers adds the sealed papers and the proofs of their delivery. One that is still being made is errs.Conflict: the job comes again.
func (s *Service) papers(ctx context.Context, p *pack, caseID string) error {
	ps, err := s.Papers.OfCase(ctx, caseID)
	if err != nil {
		return err
	}
	var list []paperRecord
	for i, x := range ps {
		b, x, err := s.Papers.PDF(ctx, x.ID)
		if err != nil {
			return notReady(err, x.Title)
		}
		r := paperRecord{
			Path: fmt.Sprintf("papers/%02d-%s.pdf", i+1, slug(x.Act)), Act: x.Act, Title: x.Title, Number: x.Number, Issued: day(x.Issued), ID: x.ID, Version: x.Version,
		}
		if r.Proofs, err = s.Papers.Proofs(ctx, x.ID); err != nil {
			return err
		}
		p.bytes(Entry{
			Path: r.Path, Title: x.Title + " " + x.Number, Kind: KindPaper, Origin: OriginAgency, MIME: "application/pdf", Size: int64(len(b)), SM3: x.Digest, Ref: x.ID,
		}, b)
		list = append(list, r)
	}
	if len(list) > 0 {
		p.json(Entry{Path: "papers/papers.json", Title: "文书及送达记录", Kind: KindRecord}, list)
	}
	return nil
}

func (s *Service) licences(ctx context.Context, p *pack, caseID string) error {
	ls, err := s.Licences.OfCase(ctx, caseID)
	if err != nil {
		return err
	}
	var list []licenceRecord
	for i, x := range ls {
		b, x, err := s.Licences.PDF(ctx, x.ID)
		if err != nil {
			return notReady(err, x.TypeName)
		}
		r := recordOf(x)
		r.Path = fmt.Sprintf("licence/%02d.pdf", i+1)
		p.bytes(Entry{
			Path: r.Path, Title: x.TypeName + " " + x.Number, Kind: KindLicence, Origin: OriginAgency, MIME: "application/pdf", Size: int64(len(b)), SM3: x.Digest, Ref: x.ID,
		}, b)
		list = append(list, r)
	}
	if len(list) > 0 {
		p.json(Entry{Path: "licence/licences.json", Title: "证照登记信息", Kind: KindRecord}, list)
	}
	return nil
}

func recordOf(x licence.Licence) licenceRecord {
	return licenceRecord{
		ID: x.ID, Identifier: x.Identifier, Number: x.Number, Type: x.Type, TypeName: x.TypeName, Holder: x.HolderName, State: string(x.State),
		ValidFrom: x.ValidFrom, ValidUntil: x.ValidUntil, Fields: x.Fields,
	}
}

// notReady names the file a package waits for.
func notReady(err error, title string) error {
	return errs.Wrap(err, errs.Conflict, "archive.waits_for", errs.P{"title": title})
}

// slug is a word of the system as part of a path.
func slug(s string) string { return strings.ReplaceAll(strings.ToLower(s), "_", "-") }

func or(s, other string) string {
	if s == "" {
		return other
	}
	return s
}
