package cases

import (
	"bytes"
	"context"
	"embed"
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/engine/flow"
	"tongban/internal/engine/form"
)

//go:embed migrations/*.sql
var files embed.FS

// Schema is the room's tables.
var Schema = db.Room{Name: "cases", Files: files}

// content is what the applicant wrote; sealed.
type content struct {
	Scenario map[string]string `json:"scenario,omitempty"`
	Form     form.Answers      `json:"form,omitempty"`
	Contact  Contact           `json:"contact"`
}

// summary is who applies; sealed.
type summary struct {
	Name       string `json:"name"`
	Number     string `json:"number"`
	NumberKind string `json:"number_kind,omitempty"`
	Birth      string `json:"birth,omitempty"`
	Actor      string `json:"actor,omitempty"` // name of the acting person of a firm, or of who acts for a person
	Phone      string `json:"phone,omitempty"` // of the account
}

// record is a whole row, opened.
type record struct {
	Case
	filesVersion int64
	clientKey    string
	phoneBlind   string
	queryBlind   string
	queryCode    string
	content      content
	summary      summary
	flowing      flow.State
	away         bool
	behalf       *Behalf // sealed
	target       string  // a licence just chosen for a draft; kept in a table of its own
}

// far stands for no deadline, so that such cases sort last.
const far = int64(1) << 53

var columns = []string{
	"id", "state", "outcome", "version", "files_version", "item_key", "item_name", "item_version", "form_version", "flow_version",
	"agency", "agency_name", "region", "post", "step", "step_name", "step_kind", "taken_by", "applicant_kind", "person_id", "firm_id", "clerk_id", "owner",
	"client_key", "subject", "phone_blind", "channel", "round", "parent_id", "ord", "handled_by", "licence_id", "case_no", "query_blind", "query_code",
	"content", "summary", "flow_state", "away", "created_ms", "updated_ms", "submitted_ms", "received_ms", "accepted_ms", "decided_ms", "delivered_ms",
	"concluded_ms", "acting_id", "mandate_id", "behalf", "phase", "due_ms", "promised_ms", "step_due_ms", "paused", "left_n", "provisional", "sort_ms", "special_ms", "later_ms", "nature",
}

var (
	selectCase = "SELECT " + strings.Join(columns, ", ") + " FROM cases_case "
	insertCase = "INSERT INTO cases_case (" + strings.Join(columns, ", ") + ") VALUES (" + db.In(1, len(columns)) + ")"
	updateCase = "UPDATE cases_case SET " + assignments() + " WHERE id = $1 AND version = $" + strconv.Itoa(len(columns)+1) +
		" AND files_version = $5" // its own place in columns
)

// fixed never change after the row was made.
var fixed = map[string]bool{"id": true, "files_version": true}

func assignments() string {
	var out []string
	for i, c := range columns {
		if !fixed[c] {
			out = append(out, c+" = $"+strconv.Itoa(i+1))
		}
	}
	return strings.Join(out, ", ")
}

func aad(table, column, id string) string { return "cases_" + table + "." + column + "." + id }

// values gives the row's columns in order, sealed.
func (s *Service) values(r record) ([]any, error) {
	body, err := json.Marshal(r.content)
	if err != nil {
		return nil, err
	}
	sum, err := json.Marshal(r.summary)
	if err != nil {
		return nil, err
	}
	flowing, err := json.Marshal(r.flowing)
	if err != nil {
		return nil, err
	}
	var behalf []byte
	if r.behalf != nil {
		if behalf, err = s.sealJSON(aad("case", "behalf", r.ID), r.behalf); err != nil {
			return nil, err
		}
	}
	return []any{
		r.ID, string(r.State), string(r.Outcome), r.Version, r.filesVersion, r.ItemKey, r.ItemName, r.ItemVersion, r.FormVersion, r.FlowVersion,
		r.Agency, r.AgencyName, r.Region, r.Post, r.Step, r.StepName, r.StepKind, r.TakenBy, r.ApplicantKind, r.PersonID, r.FirmID, r.ClerkID, r.owner,
		r.clientKey, r.subject, r.phoneBlind, r.Channel, r.Round, r.ParentID, r.Ord, r.HandledBy, r.LicenceID, orNull(r.CaseNo), orNull(r.queryBlind),
		s.Vault.SealText(aad("case", "query_code", r.ID), r.queryCode), s.Vault.Seal(aad("case", "content", r.ID), body), s.Vault.Seal(aad("case", "summary", r.ID), sum),
		string(flowing), r.away, db.Millis(r.Created), db.Millis(r.Updated), db.Millis(r.Submitted), db.Millis(r.Received), db.Millis(r.Accepted), db.Millis(r.Decided), db.Millis(r.Delivered),
		db.Millis(r.Concluded), r.ActingID, r.MandateID, behalf, r.Clock.Phase, db.Millis(r.Clock.LegalDue), db.Millis(r.Clock.PromisedDue), db.Millis(r.Clock.StepDue), r.Clock.Paused, r.Clock.Left, r.Clock.Provisional,
		sortKey(r.Clock), db.Millis(r.Clock.SpecialDue), db.Millis(r.Clock.LaterDue), r.Nature,
	}, nil
}

func (s *Service) scanRecord(rows *db.Rows) (record, error) {
	var r record
	var caseNo, queryBlind *string
	var query, body, sum, behalf []byte
	var flowing string
	var at [13]int64
	var sort int64
	err := rows.Scan(&r.ID, &r.State, &r.Outcome, &r.Version, &r.filesVersion, &r.ItemKey, &r.ItemName, &r.ItemVersion, &r.FormVersion, &r.FlowVersion,
		&r.Agency, &r.AgencyName, &r.Region, &r.Post, &r.Step, &r.StepName, &r.StepKind, &r.TakenBy, &r.ApplicantKind, &r.PersonID, &r.FirmID, &r.ClerkID, &r.owner,
		&r.clientKey, &r.subject, &r.phoneBlind, &r.Channel, &r.Round, &r.ParentID, &r.Ord, &r.HandledBy, &r.LicenceID, &caseNo, &queryBlind, &query, &body, &sum,
		&flowing, &r.away, &at[0], &at[1], &at[2], &at[3], &at[4], &at[5], &at[6], &at[7], &r.ActingID, &r.MandateID, &behalf, &r.Clock.Phase, &at[8], &at[9], &at[10], &r.Clock.Paused,
		&r.Clock.Left, &r.Clock.Provisional, &sort, &at[11], &at[12], &r.Nature)
	if err != nil {
		return r, err
	}
	for i, t := range []*time.Time{
		&r.Created, &r.Updated, &r.Submitted, &r.Received, &r.Accepted, &r.Decided, &r.Delivered, &r.Concluded,
		&r.Clock.LegalDue, &r.Clock.PromisedDue, &r.Clock.StepDue, &r.Clock.SpecialDue, &r.Clock.LaterDue,
	} {
		*t = db.Instant(at[i])
	}
	r.CaseNo, r.queryBlind = orEmpty(caseNo), orEmpty(queryBlind)
	if r.queryCode, err = s.Vault.OpenText(aad("case", "query_code", r.ID), query); err != nil {
		return r, err
	}
	if err := s.openJSON(aad("case", "content", r.ID), body, &r.content); err != nil {
		return r, err
	}
	if err := s.openJSON(aad("case", "summary", r.ID), sum, &r.summary); err != nil {
		return r, err
	}
	if len(behalf) > 0 {
		r.behalf = &Behalf{}
		if err := s.openJSON(aad("case", "behalf", r.ID), behalf, r.behalf); err != nil {
			return r, err
		}
	}
	return r, json.Unmarshal([]byte(flowing), &r.flowing)
}

// openJSON opens sealed JSON; numbers stay as written, so that money keeps its fen.
func (s *Service) openJSON(place string, sealed []byte, v any) error {
	b, err := s.Vault.Open(place, sealed)
	if err != nil || len(b) == 0 {
		return err
	}
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	return d.Decode(v)
}

func (s *Service) sealJSON(place string, v any) ([]byte, error) {
	b, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	return s.Vault.Seal(place, b), nil
}

func (s *Service) find(ctx context.Context, q db.Q, id string) (record, error) {
	return db.One(ctx, q, notFound(), s.scanRecord, selectCase+"WHERE id = $1", id)
}

// putTx inserts a row; a client key that was used before gives a unique violation.
func (s *Service) putTx(ctx context.Context, tx *db.Tx, r record) error {
	args, err := s.values(r)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, insertCase, args...)
	return err
}

// casTx writes the row if it is still at the versions it was read at.
func (s *Service) casTx(ctx context.Context, tx *db.Tx, r record, version int64, miss error) error {
	args, err := s.values(r)
	if err != nil {
		return err
	}
	return tx.Exec1(ctx, miss, updateCase, append(args, version)...)
}

func orNull(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func orEmpty(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

func moved(version int64) error {
	return errs.New(errs.Conflict, "cases.moved", errs.P{"version": version})
}
