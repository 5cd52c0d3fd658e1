package govstack

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/base/ident"
	"tongban/internal/domain/cases"
	"tongban/internal/engine/clock"
	"tongban/internal/engine/cnid"
	"tongban/internal/engine/form"
)

// Applicant is whom a member means by its own id of an applicant.
type Applicant struct {
	Kind       string `json:"kind,omitempty"` // person or firm; empty: person
	Name       string `json:"name"`           // of the person; for a firm of its legal representative
	Number     string `json:"number"`
	NumberKind string `json:"numberKind,omitempty"` // citizen when empty
	Phone      string `json:"phone,omitempty"`
	CreditCode string `json:"creditCode,omitempty"` // of the firm
}

func (a Applicant) asCases() cases.Applicant {
	out := cases.Applicant{Kind: a.Kind, Name: a.Name, Number: a.Number, NumberKind: a.NumberKind, Phone: a.Phone, CreditCode: a.CreditCode}
	if out.Kind == "" {
		out.Kind = cases.ByPerson
	}
	if out.NumberKind == "" {
		out.NumberKind = "citizen"
	}
	return out
}

// Submission is an application as a member sends it.
type Submission struct {
	Key             string // the same one files one case; empty: one of its own
	ApplicationName string
	ApplicantID     string     // the member's own
	Applicant       *Applicant // needed the first time
	Data            map[string]any
	EFormID         string
	Documents       []string // ids or addresses
}

// Application is an application with the case it became.
type Application struct {
	Case            cases.Case
	ApplicationName string
	ApplicantID     string
	Documents       []string
	Created         time.Time
	Data            map[string]any // answers; of one application only
	Corrections     []cases.CorrectionNotice
	Decision        *cases.Decision
}

// scenarioKey is where the answers to a service's questions stand among the answers of its form.
const scenarioKey = "_scenario"

const (
	longID        = 200
	mostDocuments = 50
)

// said is what a member wrote of an application, sealed.
type said struct {
	ApplicantID     string `json:"applicant_id"`
	ApplicationName string `json:"application_name,omitempty"`
}

// file is which case an application became.
type file struct {
	caseID, memberID, key, item, applicant string
	said                                   said
	documents                              []string
	at                                     time.Time
}

// File makes a case of an application and gives it. Errors: govstack.service_unknown, govstack.may_not_file, govstack.applicant_missing,
// govstack.applicant_unknown, those of documents, and those of the case.
func (s *Service) File(ctx context.Context, m Member, service string, in Submission) (Application, error) {
	it, err := s.service(ctx, m, service)
	if err != nil {
		return Application{}, err
	}
	if !m.File {
		return Application{}, errs.New(errs.Forbidden, "govstack.may_not_file")
	}
	if in.Key == "" {
		in.Key = ident.New()
	}
	if f, ok, err := s.fileByKey(ctx, m.ID, in.Key); err != nil || ok {
		return s.again(ctx, m, f, err)
	}
	who, err := s.applicant(ctx, m, in)
	if err != nil {
		return Application{}, err
	}
	content, err := s.content(ctx, m, it.Key, in)
	if err != nil {
		return Application{}, err
	}
	defer content.close()
	f := file{memberID: m.ID, key: in.Key, item: it.Key, applicant: s.blind(m, in.ApplicantID), said: said{in.ApplicantID, in.ApplicationName}, documents: content.ids, at: s.Now()}
	rc, err := s.Cases.FileExchanged(ctx, cases.Exchanged{
		Member: m.system(), Key: in.Key, Item: it.Key, Applicant: who.asCases(), Level: m.Level, ExchangedContent: content.ExchangedContent,
		Keep: func(ctx context.Context, tx *db.Tx, caseID string) error {
			f.caseID = caseID
			return s.keepTx(ctx, tx, m, f, who, content.docs)
		},
	})
	if err != nil {
		return Application{}, err
	}
	return s.Application(ctx, m, rc.CaseID)
}

func (s *Service) again(ctx context.Context, m Member, f file, err error) (Application, error) {
	if err != nil {
		return Application{}, err
	}
	return s.Application(ctx, m, f.caseID)
}

// keepTx writes what belongs to a filed application. Its documents are the case's now.
func (s *Service) keepTx(ctx context.Context, tx *db.Tx, m Member, f file, who Applicant, docs []Document) error {
	if err := s.putApplicantTx(ctx, tx, m.ID, f.applicant, who, f.at); err != nil {
		return err
	}
	if err := s.putFileTx(ctx, tx, f); err != nil {
		return err
	}
	return s.dropDocumentsTx(ctx, tx, docs)
}

// Answer answers a correction notice with the answers and documents sent; documents stand in for those handed in before for the same material.
// Errors besides those of File: cases.not_now when nothing is to be corrected.
func (s *Service) Answer(ctx context.Context, m Member, caseID string, in Submission) (Application, error) {
	f, err := s.fileOf(ctx, m.ID, caseID)
	if err != nil {
		return Application{}, err
	}
	if !m.File || !m.Covers(f.item) {
		return Application{}, errs.New(errs.Forbidden, "govstack.may_not_file")
	}
	if in.ApplicantID != "" && in.ApplicantID != f.said.ApplicantID {
		return Application{}, invalid("applicantId", "govstack.applicant_other")
	}
	content, err := s.content(ctx, m, f.item, in)
	if err != nil {
		return Application{}, err
	}
	defer content.close()
	content.Replace = true
	if _, err := s.Cases.AnswerExchanged(ctx, m.system(), caseID, content.ExchangedContent); err != nil {
		return Application{}, err
	}
	err = s.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := addDocumentsTx(ctx, tx, caseID, append(slices.Clone(f.documents), content.ids...)); err != nil {
			return err
		}
		return s.dropDocumentsTx(ctx, tx, content.docs)
	})
	if err != nil {
		return Application{}, err
	}
	return s.Application(ctx, m, caseID)
}

// Application gives one the member sent; errs.NotFound govstack.application_unknown for any other.
func (s *Service) Application(ctx context.Context, m Member, caseID string) (Application, error) {
	f, err := s.fileOf(ctx, m.ID, caseID)
	if err != nil {
		return Application{}, err
	}
	d, err := s.Cases.OfExchange(ctx, m.system(), caseID)
	if err != nil {
		return Application{}, err
	}
	out := f.application(d.Case)
	out.Data, out.Corrections, out.Decision = map[string]any{}, d.Corrections, d.Decision
	registers, _ := d.Answers[form.SourceKey].(map[string]any) // what registers filled in is not the member's to know
	for k, v := range d.Form.Clean(d.Answers) {
		if k != form.SourceKey && registers[k] == nil {
			out.Data[k] = v
		}
	}
	if len(d.Scenario) > 0 {
		out.Data[scenarioKey] = d.Scenario
	}
	return out, nil
}

func (f file) application(c cases.Case) Application {
	return Application{Case: c, ApplicationName: f.said.ApplicationName, ApplicantID: f.said.ApplicantID, Documents: f.documents, Created: f.at}
}

// ApplicationFilter narrows a list of applications.
type ApplicationFilter struct {
	Service, ApplicantID string
	Desc                 bool // newest first
	Offset, Limit        int
}

// Applications lists what the member sent, in the order in which it did; without answers.
func (s *Service) Applications(ctx context.Context, m Member, q ApplicationFilter) ([]Application, error) {
	blind := ""
	if q.ApplicantID != "" {
		blind = s.blind(m, q.ApplicantID)
	}
	fs, err := s.listFiles(ctx, m.ID, q, blind)
	if err != nil {
		return nil, err
	}
	out := make([]Application, 0, len(fs))
	for _, f := range fs {
		c, err := s.Cases.Head(ctx, f.caseID)
		if err != nil {
			return nil, err
		}
		out = append(out, f.application(c))
	}
	return out, nil
}

// blind is the index of a member's id of an applicant.
func (s *Service) blind(m Member, applicantID string) string {
	return s.Vault.Blind("govstack.applicant", m.ID+"\x00"+applicantID)
}

// applicant finds who is meant: as the application says, as an earlier one said, or by a citizen's number with the application's name for a name.
func (s *Service) applicant(ctx context.Context, m Member, in Submission) (Applicant, error) {
	if in.ApplicantID == "" || len(in.ApplicantID) > longID {
		return Applicant{}, invalid("applicantId", "govstack.applicant_missing")
	}
	if utf8.RuneCountInString(in.ApplicationName) > longID {
		return Applicant{}, invalid("applicationName", "govstack.too_long")
	}
	if in.Applicant != nil {
		return *in.Applicant, nil
	}
	who, ok, err := s.knownApplicant(ctx, m.ID, s.blind(m, in.ApplicantID))
	if err != nil || ok {
		return who, err
	}
	if id, err := cnid.ParseID(in.ApplicantID, s.Now().In(clock.Shanghai).Format(time.DateOnly)); err == nil && strings.TrimSpace(in.ApplicationName) != "" {
		return Applicant{Name: in.ApplicationName, Number: id.Number}, nil
	}
	return Applicant{}, invalid("applicant", "govstack.applicant_unknown")
}

func invalid(path, key string) error {
	return errs.Fields("govstack.bad_application", []errs.Field{{Path: path, Key: key}})
}

// sent is what an application brings, with its files open.
type sent struct {
	cases.ExchangedContent
	docs []Document
	ids  []string
}

func (c sent) close() {
	for _, f := range c.Files {
		if b, ok := f.Body.(interface{ Close() error }); ok {
			_ = b.Close() // only read
		}
	}
}

// content reads answers and documents; nothing of them is judged here.
func (s *Service) content(ctx context.Context, m Member, item string, in Submission) (sent, error) {
	if in.EFormID != "" && in.EFormID != item {
		return sent{}, invalid("formData/eFormId", "govstack.eform_other")
	}
	out := sent{}
	out.Form = form.Answers{}
	for k, v := range in.Data {
		if k == scenarioKey {
			b, err := json.Marshal(v)
			if err != nil || json.Unmarshal(b, &out.Scenario) != nil {
				return sent{}, invalid("formData/data/"+scenarioKey, "govstack.scenario_bad")
			}
			continue
		}
		out.Form[k] = v
	}
	if len(in.Documents) > mostDocuments {
		return sent{}, invalid("documentUrls", "govstack.documents_many")
	}
	return out, s.open(ctx, m, in.Documents, &out)
}
