package form

import (
	"math"
	"regexp"
)

// JSONSchema describes cleaned answers as JSON Schema 2020-12, for programs that file applications. Money is integer fen. Fields asked only under a
// condition are never "required" here and carry the condition as x-when; what the schema cannot say (check digits, dates that exist) Validate does.
func (d Definition) JSONSchema() map[string]any {
	props := map[string]any{SourceKey: map[string]any{"type": "object", "additionalProperties": map[string]any{"type": "string"}, "readOnly": true}}
	required := []any{}
	d.each(func(s Section, f Field) {
		if f.Kind == Notice {
			return
		}
		props[f.Key] = f.schema()
		if (f.Required || f.Kind == Declaration) && s.When.IsZero() && f.When.IsZero() {
			required = append(required, f.Key)
		}
	})
	return map[string]any{
		"$schema": "https://json-schema.org/draft/2020-12/schema", "title": d.Title, "type": "object",
		"properties": props, "required": required, "additionalProperties": false,
	}
}

const (
	datePattern    = `^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$`
	decimalPattern = `^-?\d{1,30}(\.\d{1,30})?$`
)

func (f Field) schema() map[string]any {
	s := f.valueSchema()
	s["title"] = f.Label
	if f.Hint != "" {
		s["description"] = f.Hint
	}
	if f.Term != "" {
		s["x-term"] = f.Term
	}
	if !f.When.IsZero() {
		s["x-when"] = f.When
	}
	if f.ReadOnly || f.Kind == Computed {
		s["readOnly"] = true
	}
	return s
}

func (f Field) valueSchema() map[string]any {
	date := func() map[string]any {
		return map[string]any{"type": "string", "format": "date", "pattern": datePattern}
	}
	switch f.Kind {
	case Number:
		s := map[string]any{"type": []any{"string", "number"}, "pattern": decimalPattern}
		f.bounds(s, 1)
		return s
	case Money:
		s := map[string]any{"type": "integer"}
		f.bounds(s, 100)
		return s
	case Computed:
		return map[string]any{"type": []any{"string", "integer"}}
	case Date:
		return date()
	case DateRange:
		return map[string]any{"type": "object", "properties": map[string]any{"from": date(), "to": date()}, "required": []any{"from", "to"}, "additionalProperties": false}
	case YesNo:
		return map[string]any{"type": "boolean"}
	case Declaration:
		return map[string]any{"const": true}
	case Radio, Select:
		return map[string]any{"enum": f.enum()}
	case Checkbox:
		s := map[string]any{"type": "array", "items": map[string]any{"enum": f.enum()}, "uniqueItems": true}
		if f.Required {
			s["minItems"] = 1
		}
		return s
	case Table:
		return f.tableSchema()
	}
	return f.textSchema()
}

func (f Field) bounds(s map[string]any, factor float64) {
	if f.Min != nil {
		s["minimum"] = math.Round(*f.Min*factor*1e6) / 1e6
	}
	if f.Max != nil {
		s["maximum"] = math.Round(*f.Max*factor*1e6) / 1e6
	}
}

func (f Field) textSchema() map[string]any {
	s := map[string]any{"type": "string", "minLength": 1, "maxLength": f.limit()}
	switch f.Kind {
	case IDNumber:
		s["pattern"] = `^\d{17}[0-9X]$`
	case CreditCode:
		s["pattern"] = `^[0-9A-Z]{18}$`
	case BankCard:
		s["pattern"] = `^\d{13,19}$`
	case Region:
		s["pattern"] = regionCode.String()
	case Email:
		s["format"] = "email"
	default:
		if _, err := regexp.Compile(f.Pattern); f.Pattern != "" && err == nil {
			s["pattern"] = `^(?:` + f.Pattern + `)$`
		}
	}
	return s
}

func (f Field) enum() []any {
	out := make([]any, len(f.Options))
	for i, o := range f.Options {
		out[i] = o.Value
	}
	return out
}

func (f Field) tableSchema() map[string]any {
	cells := map[string]any{RowID: map[string]any{"type": "string", "pattern": goodRowID.String()}}
	required := []any{}
	for _, c := range f.Columns {
		cells[c.Key] = c.schema()
		if c.Required && c.When.IsZero() {
			required = append(required, c.Key)
		}
	}
	s := map[string]any{
		"type": "array", "maxItems": f.rowLimit(),
		"items": map[string]any{"type": "object", "properties": cells, "required": required, "additionalProperties": false},
	}
	if least := f.MinRows; least > 0 || f.Required {
		s["minItems"] = max(least, 1)
	}
	return s
}
