package bench

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"tongban/internal/base/authz"
	"tongban/internal/domain/cases"
	"tongban/internal/engine/flow"
)

// Staff gives a member of the staff by key, as after a sign-in.
func (c *City) Staff(ctx context.Context, key string) (authz.Actor, error) {
	token, err := c.Identity.Demo().SignIn(ctx, "staff", key, "")
	if err != nil {
		return authz.Actor{}, err
	}
	a, err := c.Identity.Actor(ctx, token)
	a.Via = "page"
	return a, err
}

// crew are those of the demo city who handle a food licence.
type crew struct{ window, first, second, head authz.Actor }

func (c *City) crew(ctx context.Context) (w crew, err error) {
	var all [4]authz.Actor
	for i, key := range []string{"su-qing", "zhou-min", "feng-li", "lu-zheng"} {
		if all[i], err = c.Staff(ctx, key); err != nil {
			return w, err
		}
	}
	return crew{all[0], all[1], all[2], all[3]}, nil
}

// stages are how far the sample cases go: each is a whole case, filed, worked and decided by the rules.
var stages = []string{"submitted", "reviewing", "granted", "withdrawn"}

// live files one food licence application and brings it to a stage.
func (c *City) live(ctx context.Context, w crew, stage string, n int) (string, error) {
	app, err := c.prepare(ctx, n)
	if err != nil {
		return "", err
	}
	if err := c.submit(ctx, app); err != nil {
		return "", err
	}
	var version int64
	steps := []func() (cases.Case, error){
		func() (cases.Case, error) { return c.Cases.Receive(ctx, w.window, app.id, version) },
		func() (cases.Case, error) { return c.Cases.Accept(ctx, w.first, app.id, version) },
		func() (cases.Case, error) {
			return c.Cases.Opinion(ctx, w.first, app.id, version, cases.Opinion{Outcome: cases.OpinionPass, Text: "材料齐全，符合法定形式"})
		},
		func() (cases.Case, error) { return c.inspect(ctx, w, app.id, version) },
		func() (cases.Case, error) {
			return c.Cases.Decide(ctx, w.head, app.id, version, cases.Decision{Outcome: cases.Grant})
		},
		func() (cases.Case, error) {
			return c.Cases.Deliver(ctx, app.who, app.id, 0, cases.Delivery{How: cases.DeliverOnline})
		},
	}
	far := map[string]int{"submitted": 0, "reviewing": 3, "granted": len(steps), "withdrawn": 1}[stage]
	for _, step := range steps[:far] {
		if version, err = c.versionOf(ctx, app.id); err != nil {
			return "", err
		}
		if _, err := step(); err != nil {
			return "", err
		}
	}
	if stage == "withdrawn" {
		if version, err = c.versionOf(ctx, app.id); err == nil {
			_, err = c.Cases.Withdraw(ctx, app.who, app.id, version)
		}
	}
	return app.id, errors.Join(err, c.Jobs.Drain(ctx))
}

func (c *City) versionOf(ctx context.Context, id string) (int64, error) {
	h, err := c.Cases.Head(ctx, id)
	return h.Version, err
}

// inspect records that every line of the list was met.
func (c *City) inspect(ctx context.Context, w crew, id string, version int64) (cases.Case, error) {
	d, err := c.Cases.Case(ctx, w.first, id)
	if err != nil {
		return cases.Case{}, err
	}
	i := slices.IndexFunc(d.Flow.Steps, func(s flow.Step) bool { return s.Kind == flow.Inspect })
	if i < 0 {
		return cases.Case{}, fmt.Errorf("%s has no inspection", d.ItemKey)
	}
	in := cases.Inspection{Officers: []string{w.first.StaffID, w.second.StaffID}, Results: map[string]cases.CheckResult{}, Conclusion: "现场符合要求"}
	for _, line := range d.Flow.Steps[i].Checklist {
		in.Results[line.Key] = cases.CheckResult{Pass: true}
	}
	return c.Cases.RecordInspection(ctx, w.first, id, version, in)
}

// File sends n applications for food licences in, numbered from first, and brings them to the desk that accepts them.
func (c *City) File(ctx context.Context, n, first int) ([]string, error) {
	w, err := c.crew(ctx)
	if err != nil {
		return nil, err
	}
	var ids []string
	for i := range n {
		app, err := c.prepare(ctx, 10_000+first+i)
		if err != nil {
			return nil, err
		}
		if err := c.submit(ctx, app); err != nil {
			return nil, err
		}
		version, err := c.versionOf(ctx, app.id)
		if err != nil {
			return nil, err
		}
		if _, err := c.Cases.Receive(ctx, w.window, app.id, version); err != nil {
			return nil, err
		}
		ids = append(ids, app.id)
	}
	return ids, nil
}

// Accept accepts cases from several clients at once.
func (c *City) Accept(ctx context.Context, ids []string, clients int) error {
	w, err := c.crew(ctx)
	if err != nil {
		return err
	}
	var wg sync.WaitGroup
	failed := make([]error, clients)
	for k := range clients {
		wg.Go(func() {
			for i := k; i < len(ids); i += clients {
				version, err := c.versionOf(ctx, ids[i])
				if err == nil {
					_, err = c.Cases.Accept(ctx, w.first, ids[i], version)
				}
				failed[k] = errors.Join(failed[k], err)
			}
		})
	}
	wg.Wait()
	return errors.Join(failed...)
}
