package bench

import (
	"bytes"
	"context"
	"fmt"
	"strconv"

	"tongban/internal/base/authz"
	"tongban/internal/domain/cases"
	"tongban/internal/engine/form"
	"tongban/packs"
)

// application is a draft that is complete and waits to be sent.
type application struct {
	who     authz.Actor
	id      string
	version int64
}

// foodAnswers is a whole application for a small restaurant; what the registers know is filled in by the platform.
var foodAnswers = cases.Patch{
	Scenario: map[string]string{
		"kind": "2", "special_room": "no", "central": "no", "vending": "no", "building": "business", "size": "small", "chain": "no", "agent": "self",
	},
	Form: form.Answers{
		"contact_name": "林小满", "contact_phone": "19900000101", "shop_region": "580102", "shop_area": "86", "kitchen_area": "30", "seats": "24", "has_warehouse": false,
		"business_items": []any{"hot", "drinks"}, "online": true, "online_ways": []any{"platform"}, "online_places": "清澜外卖", "daily_meals": "200",
		"manager_name": "林小满", "manager_id": "580102199605182647", "manager_phone": "19900000101", "manager_trained": true, "staff_count": "6", "staff_health": true,
		"equipment": []any{
			map[string]any{"id": "r1", "name": "三联水池", "use": "washing", "quantity": "2", "place": "厨房北侧"},
			map[string]any{"id": "r2", "name": "消毒柜", "use": "disinfection", "quantity": "1", "place": "备餐间"},
			map[string]any{"id": "r3", "name": "六门冰箱", "use": "cooling", "quantity": "1", "place": "厨房东侧"},
		},
		"rules": []any{"self-check", "health", "purchase", "accident", "cleaning", "additives", "waste"}, "delivery": "electronic", "truth": true, "no_bar": true, "consent": true,
	},
	Contact: cases.Contact{Name: "林小满", Phone: "19900000101"},
}

// prepare fills in an application for a food licence: answers, a drawing, two documents from the registers.
func (c *City) prepare(ctx context.Context, n int) (application, error) {
	who := c.applicants[n%len(c.applicants)]
	d, err := c.Cases.CreateDraft(ctx, who, "food-licence-new", "bench-"+strconv.Itoa(n))
	if err != nil {
		return application{}, err
	}
	patch := foodAnswers
	patch.Form = form.Answers{}
	for k, v := range d.Answers {
		patch.Form[k] = v
	}
	for k, v := range foodAnswers.Form {
		patch.Form[k] = v
	}
	version, err := c.Cases.SaveDraft(ctx, who, d.ID, d.Version, patch)
	if err != nil {
		return application{}, err
	}
	return application{who, d.ID, version}, c.handIn(ctx, who, d.ID)
}

func (c *City) handIn(ctx context.Context, who authz.Actor, id string) error {
	plan, err := packs.FS.ReadFile("food-licence/files/layout-plan-sample.png")
	if err != nil {
		return err
	}
	up := cases.Upload{Material: "layout-plan", ClientKey: "plan", Name: "布局图.png", Size: int64(len(plan)), Body: bytes.NewReader(plan)}
	if _, err := c.Cases.Attach(ctx, who, id, up); err != nil {
		return err
	}
	for _, m := range []string{"business-licence", "identity"} {
		re, err := c.Cases.Reusable(ctx, who, id, m)
		if err != nil {
			return err
		}
		if len(re.Proofs) == 0 {
			return fmt.Errorf("no register gives %s", m)
		}
		if _, err := c.Cases.UseLicence(ctx, who, id, m, re.Proofs[0].Ref); err != nil {
			return err
		}
	}
	return nil
}

// submit sends an application in.
func (c *City) submit(ctx context.Context, a application) error {
	_, err := c.Cases.Submit(ctx, a.who, a.id, a.version)
	return err
}
