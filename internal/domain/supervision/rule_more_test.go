package supervision_test

import (
	"slices"
	"strconv"
	"testing"
	"time"

	"tongban/internal/domain/supervision"
	"tongban/internal/engine/clock"
)

func TestMoreRules(t *testing.T) {
	base := supervision.Facts{Submitted: at(1, 9, 0, 0), Accepted: at(2, 9, 0, 0)}
	stop := func(ground string, until, to time.Time) supervision.Facts {
		f := base
		f.Suspensions = []supervision.Suspension{{Ground: ground, From: at(3, 9, 0, 0), Until: until, To: to}}
		return f
	}
	over := func(c supervision.Closing) supervision.Facts {
		f := base
		c.At = at(10, 9, 0, 0)
		f.Closing = &c
		return f
	}
	charge := func(c supervision.Charges) supervision.Facts {
		f := base
		f.Charges = &c
		return f
	}
	trips := func(planned, actual int) supervision.Facts {
		f := base
		f.Trips = &supervision.Trips{Planned: planned, Actual: actual, At: at(10, 9, 0, 0)}
		return f
	}
	asked := func(fen ...int64) (out []supervision.Asked) {
		for _, n := range fen {
			out = append(out, supervision.Asked{Where: "correction", Fen: n, At: at(4, 9, 0, 0)})
		}
		return out
	}
	for name, c := range map[string]struct {
		f    supervision.Facts
		now  time.Time
		want []string
	}{
		"a test that lasts as told":           {stop("testing", end(9), time.Time{}), at(9, 12, 0, 0), nil},
		"a test that lasts longer than told":  {stop("testing", end(9), time.Time{}), at(10, 0, 0, 0), []string{"red stop_too_long"}},
		"resumed in time, looked at late":     {stop("testing", end(9), at(9, 17, 0, 0)), at(20, 9, 0, 0), nil},
		"resumed too late":                    {stop("testing", end(9), at(10, 9, 0, 0)), at(20, 9, 0, 0), []string{"red stop_too_long"}},
		"a stop nobody told the length of":    {stop("hearing", time.Time{}, time.Time{}), at(4, 9, 0, 0), []string{"red stop_no_length"}},
		"a stop because of holidays":          {stop("holiday", end(9), time.Time{}), at(4, 9, 0, 0), []string{"red stop_no_ground"}},
		"concluded with everything":           {over(supervision.Closing{Concluded: true, Decided: true, Delivered: true, LicenceDue: true, Licence: true}), at(20, 9, 0, 0), nil},
		"concluded without a decision":        {over(supervision.Closing{Concluded: true}), at(20, 9, 0, 0), []string{"red no_decision"}},
		"concluded, nothing delivered":        {over(supervision.Closing{Concluded: true, Decided: true}), at(20, 9, 0, 0), []string{"red no_delivery"}},
		"granted without the licence":         {over(supervision.Closing{Concluded: true, Decided: true, Delivered: true, LicenceDue: true}), at(20, 9, 0, 0), []string{"red no_licence"}},
		"refused to accept or withdrawn":      {over(supervision.Closing{}), at(20, 9, 0, 0), nil},
		"terminated on a ground":              {over(supervision.Closing{Act: "terminate", Ground: "dead"}), at(20, 9, 0, 0), nil},
		"terminated for no ground":            {over(supervision.Closing{Act: "terminate", Ground: "too_much_work"}), at(20, 9, 0, 0), []string{"red ended_no_ground"}},
		"voided after acceptance":             {over(supervision.Closing{Act: "void", Ground: "duplicate"}), at(20, 9, 0, 0), []string{"yellow voided_accepted"}},
		"a listed charge is asked for":        {charge(supervision.Charges{Charged: true, Listed: []int64{1000}, Asked: asked(1000)}), at(20, 9, 0, 0), nil},
		"three copies at the listed charge":   {charge(supervision.Charges{Charged: true, Listed: []int64{1000}, Asked: asked(3000)}), at(20, 9, 0, 0), nil},
		"another sum is asked for":            {charge(supervision.Charges{Charged: true, Listed: []int64{1000}, Asked: asked(1500)}), at(20, 9, 0, 0), []string{"yellow fee_above_list"}},
		"less than the listed charge":         {charge(supervision.Charges{Charged: true, Listed: []int64{1000}, Asked: asked(700)}), at(20, 9, 0, 0), []string{"yellow fee_not_listed"}},
		"charged though free by directory":    {charge(supervision.Charges{Charged: true, FreeAbove: true, Listed: []int64{1000}}), at(20, 9, 0, 0), []string{"yellow fee_though_free"}},
		"an urging nobody answered":           {supervision.Facts{Submitted: at(1, 9, 0, 0), Urges: []supervision.Unanswering{{ID: "u1", Side: "applicant", Due: end(5)}}}, at(20, 9, 0, 0), []string{"yellow urge_unanswered"}},
		"as many trips as planned":            {trips(1, 1), at(20, 9, 0, 0), nil},
		"a trip more than planned":            {trips(1, 2), at(20, 9, 0, 0), []string{"yellow more_trips"}},
		"a trip though none is planned":       {trips(0, 1), at(20, 9, 0, 0), []string{"yellow more_trips"}},
		"a free item asks for money":          {charge(supervision.Charges{Asked: asked(5000)}), at(20, 9, 0, 0), []string{"yellow fee_not_listed"}},
		"a tariff without a single amount":    {charge(supervision.Charges{Charged: true, Open: true, Asked: asked(1234)}), at(20, 9, 0, 0), nil},
		"charged without a basis":             {charge(supervision.Charges{Charged: true, Unfounded: true}), at(20, 9, 0, 0), []string{"yellow fee_no_basis"}},
		"a free item that asks for nothing":   {charge(supervision.Charges{}), at(20, 9, 0, 0), nil},
		"a case before the rules took effect": {supervision.Facts{Submitted: at(-80, 9, 0, 0), Closing: &supervision.Closing{Concluded: true}}, at(20, 9, 0, 0), nil},
	} {
		t.Run(name, func(t *testing.T) {
			wantFound(t, supervision.Judge(c.f, supervision.Env{Now: c.now, Cal: clock.Embedded()}), c.want)
		})
	}
}

func wantFound(t *testing.T, found []supervision.Finding, want []string) {
	t.Helper()
	var got []string
	for _, f := range found {
		got = append(got, string(f.Level)+" "+f.Note)
	}
	if !slices.Equal(got, want) {
		t.Errorf("found %q, want %q", got, want)
	}
}

func TestRulesOverADay(t *testing.T) {
	env := supervision.Env{Now: at(20, 9, 0, 0), Cal: clock.Embedded(), Limit: supervision.Defaults()}
	deeds := func(n int, from time.Time, apart time.Duration) supervision.Day {
		d := supervision.Day{Date: from.Format(time.DateOnly), Agency: "market", Staff: "staff:of"}
		for i := range n {
			d.Deeds = append(d.Deeds, supervision.Deed{CaseID: "c" + strconv.Itoa(i), At: from.Add(time.Duration(i) * apart)})
		}
		return d
	}
	ratings := func(n, grade int, apart time.Duration) supervision.Day {
		d := supervision.Day{Date: "2026-03-02", Agency: "market"}
		for i := range n {
			d.Ratings = append(d.Ratings, supervision.Rated{RatingID: strconv.Itoa(i), Grade: grade, At: at(2, 10, 0, 0).Add(time.Duration(i) * apart)})
		}
		return d
	}
	twice := deeds(19, at(2, 20, 0, 0), time.Minute)
	twice.Deeds = append(twice.Deeds, twice.Deeds...) // two acts on each of the cases
	for name, c := range map[string]struct {
		d    supervision.Day
		want []string
	}{
		"nineteen cases in the evening":             {deeds(19, at(2, 20, 0, 0), time.Minute), nil},
		"nineteen cases, two acts on each":          {twice, nil},
		"twenty cases in the evening":               {deeds(20, at(2, 20, 0, 0), time.Minute), []string{"yellow after_hours"}},
		"sixty cases in the evening":                {deeds(60, at(2, 20, 0, 0), time.Minute), []string{"red after_hours"}},
		"twenty cases within office hours":          {deeds(20, at(2, 10, 0, 0), time.Minute), nil},
		"twenty cases around closing time":          {deeds(20, at(2, 17, 50, 0), time.Minute), nil},
		"twenty cases on a Sunday morning":          {deeds(20, at(1, 10, 0, 0), time.Minute), []string{"yellow after_hours"}},
		"twenty cases on a Saturday that is worked": {deeds(20, time.Date(2026, 2, 14, 10, 0, 0, 0, clock.Shanghai), time.Minute), nil},
		"fifteen best ratings within ten minutes":   {ratings(15, 1, 40*time.Second), []string{"yellow ratings_in_bulk"}},
		"fifteen best ratings within an hour":       {ratings(15, 1, 4*time.Minute), nil},
		"fifty worst ratings within ten minutes":    {ratings(50, 5, 10*time.Second), []string{"red ratings_in_bulk"}},
	} {
		t.Run(name, func(t *testing.T) {
			found := supervision.JudgeDay(c.d, env)
			wantFound(t, found, c.want)
			if len(found) == 1 && len(found[0].Evidence) < 15 {
				t.Errorf("the finding shows %d of what led to it", len(found[0].Evidence))
			}
		})
	}
}

func TestSumsThatAreAskedFor(t *testing.T) {
	for name, sums := range map[string][]int64{
		"请缴纳检测费300元":                {30000},
		"请到窗口缴纳保证金1.5万元，并补交图纸":      {1500000},
		"请提交缴纳社会保险费2000元的凭证":        nil,
		"注册资本100万元的出资证明缺少签字":        nil,
		"工本费10元；手续费25.50元":          {1000, 2550},
		"材料第3页缺少盖章，请重新提交":           nil,
		"请支付加急办理费 200 元，加急办理费共200元": {20000},
	} {
		if got := supervision.Sums(name); !slices.Equal(got, sums) {
			t.Errorf("%s: %v, want %v", name, got, sums)
		}
	}
}

func TestLimitsAreTheNearestRegionsOfTheDay(t *testing.T) {
	ts := []supervision.Threshold{
		{ID: "1", Region: "990000", Key: "explain_days", Value: 7, From: "2026-01-01"},
		{ID: "2", Region: "990100", Key: "explain_days", Value: 3, From: "2026-03-10"},
		{ID: "3", Region: "990100", Key: "explain_days", Value: 4, From: "2026-03-20"},
		{ID: "4", Region: "990100", Key: "explain_days", Value: 2, From: "2026-03-20"},
		{ID: "5", Region: "990200", Key: "explain_days", Value: 9, From: "2026-01-01"},
		{ID: "6", Region: "990102", Key: "office_from", Value: 480, From: "2026-01-01"},
	}
	for _, c := range []struct {
		region     string
		on         time.Time
		days, from int
	}{
		{"990102", at(9, 9, 0, 0), 7, 480},
		{"990102", at(10, 9, 0, 0), 3, 480},
		{"990102", at(20, 0, 0, 0), 2, 480}, // entered last for the same day
		{"990103", at(20, 9, 0, 0), 2, 510},
		{"990201", at(20, 9, 0, 0), 9, 510},
		{"980101", at(20, 9, 0, 0), 5, 510},
	} {
		if l := supervision.LimitsIn(ts, c.region, c.on); l.ExplainDays != c.days || l.OfficeFrom != c.from {
			t.Errorf("%s on %s: %d days, from %d", c.region, c.on, l.ExplainDays, l.OfficeFrom)
		}
	}
}
