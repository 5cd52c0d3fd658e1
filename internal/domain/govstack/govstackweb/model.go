package govstackweb

import (
	"context"
	"strconv"
	"time"

	"tongban/internal/domain/cases"
	"tongban/internal/domain/catalog"
	"tongban/internal/domain/govstack"
	"tongban/internal/engine/clock"
)

// The shapes of the standard (Registration building block API). Where its versions name a field differently, both names are there.

// Service is a service that applications can be made for.
type Service struct {
	ID           string `json:"id"`
	Name         string `json:"name"`
	Version      string `json:"version"`
	Type         string `json:"type" enum:"None,Private,Public"`
	IsExecutable bool   `json:"isExecutable" doc:"applications are taken now"`
	IsClosed     bool   `json:"isClosed"`
	Description  string `json:"description"`
}

// EFormListItem is an electronic form.
type EFormListItem struct {
	EFormID     string `json:"eFormId"`
	Name        string `json:"name"`
	Description string `json:"description"`
	Version     string `json:"version"`
	Latest      bool   `json:"latest"`
}

// EForm is an electronic form with its schema.
type EForm struct {
	EFormListItem
	Schema map[string]any `json:"schema" doc:"JSON Schema of formData.data; x-materials lists the documents"`
}

// GovStackApplicant is whom an application is for; needed with the first of an applicantId.
type GovStackApplicant struct {
	Kind       string `json:"kind,omitempty" enum:"person,firm"`
	Name       string `json:"name"`
	Number     string `json:"number"`
	NumberKind string `json:"numberKind,omitempty" enum:"citizen,hkmt,permanent,permanent_old"`
	Phone      string `json:"phone,omitempty"`
	CreditCode string `json:"creditCode,omitempty" doc:"of the firm, whose legal representative the person is"`
}

// GovStackFormData are the answers of a form.
type GovStackFormData struct {
	Data    map[string]any `json:"data,omitempty"`
	EFormID string         `json:"eFormId,omitempty"`
}

// ApplicationFileSubmit is an application as it is sent.
type ApplicationFileSubmit struct {
	ApplicationName string             `json:"applicationName,omitempty"`
	ApplicantID     string             `json:"applicantId" doc:"the member's own id of the applicant"`
	Created         *time.Time         `json:"created,omitempty" doc:"read and not kept: an application is made when it reaches us"`
	Applicant       *GovStackApplicant `json:"applicant,omitempty"`
	FormData        *GovStackFormData  `json:"formData,omitempty"`
	DocumentURLs    []string           `json:"documentUrls,omitempty" doc:"as POST /documents gave them"`
}

func (in ApplicationFileSubmit) submission() govstack.Submission {
	out := govstack.Submission{ApplicationName: in.ApplicationName, ApplicantID: in.ApplicantID, Documents: in.DocumentURLs}
	if a := in.Applicant; a != nil {
		out.Applicant = &govstack.Applicant{Kind: a.Kind, Name: a.Name, Number: a.Number, NumberKind: a.NumberKind, Phone: a.Phone, CreditCode: a.CreditCode}
	}
	if in.FormData != nil {
		out.Data, out.EFormID = in.FormData.Data, in.FormData.EFormID
	}
	return out
}

// GovStackStatus is how far an application or task is.
type GovStackStatus struct {
	Code  string `json:"code" enum:"PENDING,APPROVED,SENDBACK,REJECTED"`
	Title string `json:"title" doc:"the exact state in words"`
}

// ApplicationFile is an application with the case it became.
type ApplicationFile struct {
	FileID          string                   `json:"fileId"`
	CaseNo          string                   `json:"caseNo" doc:"办件编号"`
	State           string                   `json:"state" doc:"statutory state"`
	Registered      time.Time                `json:"registered"`
	ServiceID       string                   `json:"serviceId"`
	ServiceKey      string                   `json:"serviceKey"`
	ServiceName     string                   `json:"serviceName"`
	ApplicantID     string                   `json:"applicantId"`
	Status          GovStackStatus           `json:"status"`
	Ended           bool                     `json:"ended"`
	Due             *time.Time               `json:"due,omitempty" doc:"what binds first: the promised or the legal deadline"`
	Corrections     []cases.CorrectionNotice `json:"corrections,omitempty"`
	Reason          string                   `json:"reason,omitempty" doc:"of a decision"`
	ApplicationData ApplicationFileSubmit    `json:"applicationData"`
}

// ApplicationListItem is an application in a list.
type ApplicationListItem struct {
	FileID         string         `json:"fileId"`
	MainTaskID     string         `json:"mainTaskId"`
	TaskTitle      string         `json:"taskTitle"`
	RoleID         string         `json:"roleId"`
	RoleName       string         `json:"roleName"`
	AssigneeID     string         `json:"assigneeId"`
	OperatorName   string         `json:"operatorName"`
	Status         GovStackStatus `json:"status"`
	ApplicantID    string         `json:"applicantId"`
	Created        time.Time      `json:"created"`
	Registered     time.Time      `json:"registered"`
	Description    string         `json:"description"`
	ServiceName    string         `json:"serviceName"`
	ServiceID      string         `json:"serviceId"`
	ServiceKey     string         `json:"serviceKey"`
	EFormID        string         `json:"eformId"`
	DocumentURLs   []string       `json:"documentUrls"`
	AdditionalMeta AdditionalData `json:"additionalMeta"`
}

// AdditionalData is what has no field of its own.
type AdditionalData struct {
	Data map[string]any `json:"data"`
}

// UserTask is a piece of an officer's work.
type UserTask struct {
	TaskID      string         `json:"taskId"`
	MainTaskID  string         `json:"mainTaskId" doc:"the case"`
	Name        string         `json:"name"`
	AssigneeID  string         `json:"assigneeId" doc:"staff id of who took it up"`
	RoleID      string         `json:"roleId" doc:"key of the post"`
	Created     time.Time      `json:"created"`
	Description string         `json:"description"`
	ServiceID   string         `json:"serviceId"`
	ServiceKey  string         `json:"serviceKey"`
	ServiceName string         `json:"serviceName"`
	FileID      string         `json:"fileId"`
	EFormID     string         `json:"eFormId"`
	Status      GovStackStatus `json:"status"`
}

// UserTaskData is a task with what can be said on it.
type UserTaskData struct {
	UserTask
	TaskName      string                    `json:"taskName"`
	FormVariables map[string]AdditionalData `json:"formVariables"`
	Data          map[string]any            `json:"data" doc:"outcome.oneOf: what data.outcome may be when the task is completed"`
}

// TaskCompletion is what an officer says on a task.
type TaskCompletion struct {
	Data struct {
		Operator       any                          `json:"operator,omitempty" doc:"staff id of an officer of the grant"`
		Outcome        string                       `json:"outcome,omitempty"`
		Reason         string                       `json:"reason,omitempty"`
		Basis          string                       `json:"basis,omitempty"`
		Conditions     string                       `json:"conditions,omitempty"`
		To             string                       `json:"to,omitempty" doc:"step a return goes back to"`
		Ground         string                       `json:"ground,omitempty" doc:"of a refusal to accept"`
		RightAuthority string                       `json:"rightAuthority,omitempty"`
		Defects        []cases.Defect               `json:"defects,omitempty" doc:"of a correction notice: everything at once"`
		Officers       []string                     `json:"officers,omitempty" doc:"of an inspection: staff ids, at least two"`
		Results        map[string]cases.CheckResult `json:"results,omitempty"`
		Photos         []string                     `json:"photos,omitempty"`
	} `json:"data"`
}

func (in TaskCompletion) completion() govstack.Completion {
	d := in.Data
	operator, _ := d.Operator.(string)
	return govstack.Completion{
		Operator: operator, Outcome: d.Outcome, Reason: d.Reason, Basis: d.Basis, Conditions: d.Conditions, To: d.To, Ground: d.Ground, RightAuthority: d.RightAuthority,
		Defects: d.Defects, Officers: d.Officers, Results: d.Results, Photos: d.Photos,
	}
}

// CompletedTask is a task that was completed.
type CompletedTask struct {
	TaskID     string                    `json:"taskId"`
	FileID     string                    `json:"fileId"`
	ServiceID  string                    `json:"serviceId"`
	ServiceKey string                    `json:"serviceKey"`
	Status     GovStackStatus            `json:"status"`
	Variables  map[string]AdditionalData `json:"variables"`
}

// UploadResponse tells where a document is.
type UploadResponse struct {
	Code    int    `json:"code"`
	Type    string `json:"type" doc:"media type, as the content says"`
	Message string `json:"message" doc:"the document's id"`
	URL     string `json:"url" doc:"for documentUrls"`
}

// Statistics is one line of statistics.
type Statistics struct {
	Processed  int                  `json:"processed"`
	Approved   int                  `json:"approved"`
	SentBack   int                  `json:"sentBack"`
	Rejected   int                  `json:"rejected"`
	References StatisticsReferences `json:"references"`
}

// StatisticsReferences is what was asked for.
type StatisticsReferences struct {
	StartDate        string `json:"startDate"`
	EndDate          string `json:"endDate"`
	RegistrationName string `json:"registrationName"`
	Operator         string `json:"operator"`
	Role             string `json:"role"`
	TimeframeDay     bool   `json:"timeframeDay"`
	TimeframeWeek    bool   `json:"timeframeWeek"`
	TimeframeMonth   bool   `json:"timeframeMonth"`
	TimeframeYear    bool   `json:"timeframeYear"`
}

func serviceDoc(it catalog.Item, open bool) Service {
	return Service{ID: it.Key, Name: it.Name, Version: strconv.Itoa(it.Version), Type: "Public", IsExecutable: open, Description: it.Summary}
}

func eFormItem(f govstack.EForm) EFormListItem {
	return EFormListItem{EFormID: f.ID, Name: f.Name, Description: f.Description, Version: strconv.Itoa(f.Version), Latest: true}
}

// code is the standard's word for a state: everything that ended without a grant is REJECTED, and its title says how.
func code(c cases.Case) string {
	switch {
	case c.State == cases.Correction:
		return "SENDBACK"
	case c.Outcome == cases.Grant || c.Outcome == cases.Partly:
		return "APPROVED"
	case c.Outcome == cases.Refuse || !c.State.Open():
		return "REJECTED"
	}
	return "PENDING"
}

func ended(c cases.Case) bool { return !c.State.Open() }

func status(ctx context.Context, c cases.Case) GovStackStatus {
	title := word(ctx, c.StateKey())
	if c.Outcome != "" {
		title = word(ctx, c.OutcomeKey())
	}
	return GovStackStatus{Code: code(c), Title: title}
}

func applicationDoc(ctx context.Context, a govstack.Application) ApplicationFile {
	c, created := a.Case, a.Created
	out := ApplicationFile{
		FileID: c.ID, CaseNo: c.CaseNo, State: string(c.State), Registered: c.Submitted, ServiceID: c.ItemKey, ServiceKey: c.ItemKey, ServiceName: c.ItemName,
		ApplicantID: a.ApplicantID, Status: status(ctx, c), Ended: ended(c), Corrections: a.Corrections,
		ApplicationData: ApplicationFileSubmit{
			ApplicationName: a.ApplicationName, ApplicantID: a.ApplicantID, Created: &created, FormData: &GovStackFormData{Data: a.Data, EFormID: c.ItemKey}, DocumentURLs: a.Documents,
		},
	}
	if due := c.Clock.Due(); !due.IsZero() {
		out.Due = &due
	}
	if a.Decision != nil {
		out.Reason = a.Decision.Reason
	}
	return out
}

func listDoc(ctx context.Context, h handlers, a govstack.Application) ApplicationListItem {
	c := a.Case
	out := ApplicationListItem{
		FileID: c.ID, MainTaskID: c.ID, TaskTitle: c.StepName, RoleID: c.Post, RoleName: c.AgencyName, AssigneeID: c.TakenBy, Status: status(ctx, c), ApplicantID: a.ApplicantID,
		Created: a.Created, Registered: c.Submitted, Description: a.ApplicationName, ServiceName: c.ItemName, ServiceID: c.ItemKey, ServiceKey: c.ItemKey, EFormID: c.ItemKey,
		DocumentURLs: append([]string{}, a.Documents...), AdditionalMeta: AdditionalData{Data: map[string]any{"caseNo": c.CaseNo, "state": c.State}},
	}
	if c.TakenBy != "" && h.StaffName != nil {
		out.OperatorName = h.StaffName(ctx, c.TakenBy)
	}
	return out
}

func taskStatus(ctx context.Context, t cases.Task) GovStackStatus {
	switch {
	case t.Closed.IsZero():
		return GovStackStatus{"PENDING", word(ctx, "govstack.task_pending")}
	case t.Outcome == cases.OpinionReturn || t.Outcome == "cancelled":
		return GovStackStatus{"SENDBACK", word(ctx, "govstack.task_sendback")}
	case t.Outcome == cases.OpinionFail || t.Outcome == string(cases.Refuse):
		return GovStackStatus{"REJECTED", word(ctx, "govstack.task_rejected")}
	}
	return GovStackStatus{"APPROVED", word(ctx, "govstack.task_approved")}
}

func taskDoc(ctx context.Context, t cases.ExchangeTask) UserTask {
	return UserTask{
		TaskID: t.ID, MainTaskID: t.CaseID, Name: t.StepName, AssigneeID: t.TakenBy, RoleID: t.Post, Created: t.At, Description: t.Case.CaseNo + " " + t.Case.Applicant,
		ServiceID: t.Case.ItemKey, ServiceKey: t.Case.ItemKey, ServiceName: t.Case.ItemName, FileID: t.CaseID, EFormID: t.Case.ItemKey, Status: taskStatus(ctx, t.Task),
	}
}

func taskDataDoc(ctx context.Context, t cases.ExchangeTask) UserTaskData {
	can := map[string]any{"oneOf": append([]string{}, govstack.Outcomes(t.Kind)...)}
	return UserTaskData{
		UserTask: taskDoc(ctx, t), TaskName: t.StepName,
		FormVariables: map[string]AdditionalData{"application": {Data: map[string]any{"state": t.Case.State, "version": t.Case.Version}}},
		Data:          map[string]any{"outcome": can, "step": map[string]any{"key": t.Step, "kind": t.Kind}},
	}
}

func statisticsDoc(q govstack.StatisticsQuery, l govstack.Statistic) Statistics {
	day := func(d time.Time) string { return d.In(clock.Shanghai).Format(time.DateOnly) }
	return Statistics{
		Processed: l.Approved + l.Rejected, Approved: l.Approved, SentBack: l.SentBack, Rejected: l.Rejected,
		References: StatisticsReferences{
			StartDate: day(l.From), EndDate: day(l.To), RegistrationName: q.Service, Operator: q.Operator, Role: q.Role,
			TimeframeDay: q.Timeframe == "day", TimeframeWeek: q.Timeframe == "week", TimeframeMonth: q.Timeframe == "month", TimeframeYear: q.Timeframe == "year",
		},
	}
}
