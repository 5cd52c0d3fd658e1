package govstack

import (
	"context"
	"strings"

	"tongban/internal/base/errs"
	"tongban/internal/domain/catalog"
)

// EForm is the electronic form of a service, named like the service: what is filled in and what is handed in.
type EForm struct {
	ID, Name, Description string
	Version               int
	Schema                map[string]any
}

// mostServices bounds a list of services; a grant for every item of a large catalogue is looked through by name.
const mostServices = 1000

func errService() error { return errs.New(errs.NotFound, "govstack.service_unknown") }

// service gives an item of the grant that can be applied for on line; errs.NotFound govstack.service_unknown for any other.
func (s *Service) service(ctx context.Context, m Member, key string) (catalog.Item, error) {
	it, err := s.Items.Item(ctx, key)
	if errs.KindOf(err) == errs.NotFound || err == nil && (!m.Covers(it.Key) || !it.Applicable()) {
		return it, errService()
	}
	return it, err
}

// Service gives one service, and whether applications for it are taken now.
func (s *Service) Service(ctx context.Context, m Member, key string) (it catalog.Item, open bool, err error) {
	if it, err = s.service(ctx, m, key); err != nil {
		return it, false, err
	}
	return it, s.Items.TakesApplications(ctx, it.Key) == nil, nil
}

// Services lists those of the grant whose name holds a text, at most a thousand.
func (s *Service) Services(ctx context.Context, m Member, name string) ([]catalog.Item, error) {
	if m.items() == nil {
		return s.everyService(ctx, name)
	}
	var out []catalog.Item
	for _, key := range m.Items {
		it, err := s.service(ctx, m, key)
		if errs.KindOf(err) == errs.NotFound {
			continue // no longer offered
		}
		if err != nil {
			return nil, err
		}
		if strings.Contains(it.Name, name) {
			out = append(out, it)
		}
	}
	return out, nil
}

func (s *Service) everyService(ctx context.Context, name string) ([]catalog.Item, error) {
	var out []catalog.Item
	q := catalog.Query{Text: name, Online: "full", Exact: true, Limit: 100}
	for {
		p, err := s.Items.Search(ctx, q)
		if err != nil {
			return nil, err
		}
		for _, it := range p.Items {
			if it.Applicable() && strings.Contains(it.Name, strings.TrimSpace(name)) {
				out = append(out, it)
			}
		}
		if q.After = p.Next; q.After == "" || len(out) >= mostServices {
			return out, nil
		}
	}
}

// EForm gives the form of a service: its JSON Schema, the questions that decide what is asked for (_scenario), and its materials (x-materials).
func (s *Service) EForm(ctx context.Context, m Member, key string) (EForm, error) {
	it, err := s.service(ctx, m, key)
	if errs.KindOf(err) == errs.NotFound {
		return EForm{}, errs.New(errs.NotFound, "govstack.eform_unknown")
	}
	if err != nil {
		return EForm{}, err
	}
	def, version, err := s.Items.Form(ctx, it.Form, it.FormVersion)
	if err != nil {
		return EForm{}, err
	}
	schema := def.JSONSchema()
	if props, ok := schema["properties"].(map[string]any); ok && len(it.Scenario) > 0 {
		props[scenarioKey] = questions(it)
	}
	schema["x-materials"] = materials(it)
	return EForm{ID: it.Key, Name: def.Title, Description: it.Name, Version: version, Schema: schema}, nil
}

func questions(it catalog.Item) map[string]any {
	props := map[string]any{}
	for _, q := range it.Scenario {
		p := map[string]any{"type": "string", "title": q.Ask}
		var values []any
		for _, o := range q.Options {
			values = append(values, map[string]any{"const": o.Value, "title": o.Label})
		}
		if len(values) > 0 {
			p["oneOf"] = values
		}
		props[q.Key] = p
	}
	return map[string]any{"type": "object", "properties": props, "additionalProperties": false}
}

func materials(it catalog.Item) []any {
	out := []any{}
	for _, x := range it.Materials {
		if x.Source == catalog.FromPlatform {
			continue
		}
		out = append(out, map[string]any{"key": x.Key, "name": x.Name, "source": x.Source, "required": x.Required, "conditional": !x.When.IsZero(), "formats": x.Formats, "maxMB": x.MaxMB})
	}
	return out
}
