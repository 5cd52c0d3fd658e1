package form

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"

	"tongban/internal/engine/cond"
)

// The kinds of a field.
const (
	Text        = "text"
	Textarea    = "textarea"
	Number      = "number"
	Money       = "money" // typed in yuan, held as int64 fen
	Date        = "date"
	DateRange   = "date_range"
	Radio       = "radio"
	Checkbox    = "checkbox" // several choices
	YesNo       = "yesno"
	Select      = "select"
	Region      = "region" // code of 6, 9 or 12 digits
	IDNumber    = "id_number"
	CreditCode  = "credit_code"
	Phone       = "phone"
	BankCard    = "bank_card"
	Email       = "email"
	Address     = "address"
	Table       = "table"
	Notice      = "notice" // words only
	Declaration = "declaration"
	Computed    = "computed" // Compute: sum(table.column) or count(table)
)

// Limits that hold for every form.
const (
	maxText     = 200
	maxTextarea = 2000
	maxRows     = 200
	maxBytes    = 256 << 10 // all answers as JSON
	maxPosted   = 1000      // rows read from one HTML form; beyond the limit Validate speaks up
)

// Reserved keys inside Answers and table rows.
const (
	RowID     = "_id"     // identity of a table row
	SourceKey = "_source" // map of field key → where a prefilled value came from, e.g. "licence"
)

// Answers holds what one applicant filled in, by field key; see the package comment for the canonical types.
type Answers map[string]any

// Problem is a fault in a definition.
type Problem = cond.Problem

// Definition is one form. Published versions never change.
type Definition struct {
	Key      string    `json:"key"`
	Title    string    `json:"title"`
	Sections []Section `json:"sections"`
}

// Section is one group of questions, one page.
type Section struct {
	Key    string    `json:"key"`
	Title  string    `json:"title"`
	Hint   string    `json:"hint,omitempty"`
	When   cond.Expr `json:"when,omitzero"`
	Fields []Field   `json:"fields"`
}

// Field is one question, or one column of a table.
type Field struct {
	Key          string    `json:"key"` // e.g. shop.area, unique in the form; a column's is unique in its table
	Kind         string    `json:"kind"`
	Label        string    `json:"label"`
	Hint         string    `json:"hint,omitempty"`
	Term         string    `json:"term,omitempty"` // meaning in the shared vocabulary, e.g. premises.area
	Required     bool      `json:"required,omitempty"`
	When         cond.Expr `json:"when,omitzero"` // may read earlier fields only
	Options      []Option  `json:"options,omitempty"`
	Min          *float64  `json:"min,omitempty"` // number, and money in yuan
	Max          *float64  `json:"max,omitempty"`
	MinDate      string    `json:"min_date,omitempty"` // YYYY-MM-DD, today, today+30 or today-365 (days)
	MaxDate      string    `json:"max_date,omitempty"`
	MaxLength    int       `json:"max_length,omitempty"` // runes; 200, for textarea 2000, when 0
	Pattern      string    `json:"pattern,omitempty"`    // RE2, must match all of a text
	PatternHint  string    `json:"pattern_hint,omitempty"`
	Columns      []Field   `json:"columns,omitempty"` // of a table
	MinRows      int       `json:"min_rows,omitempty"`
	MaxRows      int       `json:"max_rows,omitempty"` // 200 when 0
	Unit         string    `json:"unit,omitempty"`
	ReadOnly     bool      `json:"read_only,omitempty"` // prefilled from a register: never taken from the applicant
	Autocomplete string    `json:"autocomplete,omitempty"`
	Compute      string    `json:"compute,omitempty"`
	Level        string    `json:"level,omitempty"` // masking class: name, id, phone, address or none; see MaskLevel
}

// Option is one choice.
type Option struct {
	Value string `json:"value"`
	Label string `json:"label"`
	Hint  string `json:"hint,omitempty"`
}

// Parse reads a definition from JSON and refuses unknown keys. It does not Check it.
func Parse(b []byte) (Definition, error) {
	var d Definition
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&d); err != nil {
		return Definition{}, fmt.Errorf("form definition: %w", err)
	}
	if _, err := dec.Token(); err != io.EOF {
		return Definition{}, fmt.Errorf("form definition: something follows the definition")
	}
	return d, nil
}

// MaskLevel gives the masking class of the field's value: its Level, or the one its kind implies.
func (f Field) MaskLevel() string {
	if f.Level != "" {
		return f.Level
	}
	switch f.Kind {
	case IDNumber, BankCard:
		return "id"
	case Phone:
		return "phone"
	case Address:
		return "address"
	}
	return ""
}

// isData reports whether the applicant gives a value for the field.
func (f Field) isData() bool { return f.Kind != Notice && f.Kind != Computed }

func (f Field) limit() int {
	switch {
	case f.MaxLength > 0:
		return f.MaxLength
	case f.Kind == Textarea:
		return maxTextarea
	}
	return maxText
}

func (f Field) rowLimit() int {
	if f.MaxRows > 0 && f.MaxRows < maxRows {
		return f.MaxRows
	}
	return maxRows
}

func (f Field) optionLabel(value string) string {
	for _, o := range f.Options {
		if o.Value == value {
			return o.Label
		}
	}
	return value
}

func (f Field) optionValues() []string {
	out := make([]string, len(f.Options))
	for i, o := range f.Options {
		out[i] = o.Value
	}
	return out
}

// each visits all fields in order of their sections.
func (d Definition) each(visit func(s Section, f Field)) {
	for _, s := range d.Sections {
		for _, f := range s.Fields {
			visit(s, f)
		}
	}
}

// field finds a top-level field.
func (d Definition) field(key string) (Field, bool) {
	for _, s := range d.Sections {
		for _, f := range s.Fields {
			if f.Key == key {
				return f, true
			}
		}
	}
	return Field{}, false
}

// condType gives the field's type for conditions; ok is false when conditions cannot read it.
func (f Field) condType() (cond.FieldType, bool) {
	switch f.Kind {
	case Number, Money, Computed:
		return cond.FieldType{Type: cond.Number}, true
	case Date:
		return cond.FieldType{Type: cond.Date}, true
	case Radio, Select:
		return cond.FieldType{Type: cond.Choice, Options: f.optionValues()}, true
	case Checkbox:
		return cond.FieldType{Type: cond.Choices, Options: f.optionValues()}, true
	case YesNo, Declaration:
		return cond.FieldType{Type: cond.Bool}, true
	case Table, DateRange:
		return cond.FieldType{Type: cond.Rows}, true
	case Notice:
		return cond.FieldType{}, false
	}
	return cond.FieldType{Type: cond.Text}, true
}

// condValue gives a canonical value as conditions see it: money in yuan.
func (f Field) condValue(v any) any {
	if fen, ok := v.(int64); ok {
		return yuan(fen)
	}
	return v
}

// yuan writes fen as yuan with two decimals, e.g. 1050 as 10.50.
func yuan(fen int64) string {
	s, neg := strings.CutPrefix(strconv.FormatInt(fen, 10), "-")
	for len(s) < 3 {
		s = "0" + s
	}
	s = s[:len(s)-2] + "." + s[len(s)-2:]
	if neg {
		s = "-" + s
	}
	return s
}

// Terms gives, for each term of the shared vocabulary the form uses, the key of its field. Columns of tables are left out.
func (d Definition) Terms() map[string]string {
	out := map[string]string{}
	d.each(func(_ Section, f Field) {
		if f.Term != "" {
			out[f.Term] = f.Key
		}
	})
	return out
}

// Scope gives the fields of the form with their types, for conditions elsewhere (materials, flow, fees) that read its answers.
func (d Definition) Scope() cond.Scope {
	s := cond.Scope{}
	d.each(func(_ Section, f Field) {
		if t, ok := f.condType(); ok {
			s[f.Key] = t
		}
	})
	return s
}

// Getter reads the answers for conditions: cleaned, so that hidden fields are missing, and money in yuan.
func (d Definition) Getter(a Answers) func(field string) any {
	return d.walk(a).get
}

// Answered reports whether the field has an answer that counts.
func (a Answers) Answered(key string) bool { return !cond.Missing(a[key]) }
