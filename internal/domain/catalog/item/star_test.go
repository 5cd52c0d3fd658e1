package item

import (
	"slices"
	"testing"

	"tongban/internal/base/errs"
	"tongban/internal/base/i18n"
)

func online() *Item {
	return &Item{
		Online: OnlineFull, Form: "f", Flow: "f", Channels: []string{"1", "2"}, Depth: []string{"1", "4", "5", "6", "7"}, Result: Result{Kind: "licence", LicenceType: "x"},
		Materials: []Material{{Name: "照片", Source: FromApplicant, Required: RequiredYes, Medium: "electronic"}},
	}
}

func TestStarTripsAndGrade(t *testing.T) {
	for name, c := range map[string]struct {
		change func(it *Item)
		star   int
		trips  int
		grade  string
	}{
		"everything here":           {func(*Item) {}, 5, 0, "IV"},
		"no form":                   {func(it *Item) { it.Form = "" }, 0, 1, "IV"},
		"guide only":                {func(it *Item) { it.Online = OnlineGuide }, 0, 1, "III"},
		"guide, by post":            {func(it *Item) { it.Online, it.Channels = OnlineGuide, []string{"1", "4"} }, 0, 0, "III"},
		"accepted, handled at desk": {func(it *Item) { it.Depth = []string{"4"} }, 3, 0, "III"},
		"looked at in advance":      {func(it *Item) { it.Depth, it.Visits = []string{"2"}, 2 }, 0, 0, "II"},
		"only told about":           {func(it *Item) { it.Depth = []string{"1"} }, 0, 0, "I"},
		"nothing said":              {func(it *Item) { it.Depth = nil }, 0, 0, ""},
		"one trip":                  {func(it *Item) { it.Visits = 1 }, 3, 0, "III"},
		"signed at the counter":     {func(it *Item) { it.Materials[0].InPerson = true }, 3, 1, "IV"},
		"paper that cannot be sent": {func(it *Item) { it.Materials[0].Medium, it.Materials[0].Original = "paper", 1 }, 3, 1, "IV"},
		"paper by courier": {func(it *Item) {
			it.Materials[0].Medium, it.Materials[0].Original, it.Extra = "paper", 1, map[string][]string{"express": {"1"}}
		}, 5, 0, "IV"},
		"collected at the counter": {func(it *Item) { it.Extra = map[string][]string{"delivery": {"window"}} }, 3, 1, "IV"},
		"sign and collect": {func(it *Item) {
			it.Materials[0].InPerson = true
			it.Extra = map[string][]string{"delivery": {"window"}}
		}, 3, 2, "IV"},
		"both on the spot": {func(it *Item) {
			it.Materials[0].InPerson, it.Limits.OnTheSpot = true, true
			it.Extra = map[string][]string{"delivery": {"window"}}
		}, 3, 1, "IV"},
		"elsewhere":                  {func(it *Item) { it.Online, it.URL = OnlineExternal, "https://example.org" }, 4, 0, "IV"},
		"no electronic licence":      {func(it *Item) { it.Depth = []string{"4", "5", "6"} }, 4, 0, "IV"},
		"a fee paid at the counter":  {func(it *Item) { it.Fee.Charged = true }, 4, 0, "IV"},
		"a fee paid online":          {func(it *Item) { it.Fee.Charged = true; it.Extra = map[string][]string{"pay_online": {"1"}} }, 5, 0, "IV"},
		"asks for what we have":      {func(it *Item) { it.Materials[0].Origin = "20" }, 4, 0, "IV"},
		"a receipt that is not told": {func(it *Item) { it.Result, it.Depth = Result{Kind: "receipt"}, []string{"4", "5"} }, 4, 0, "IV"},
	} {
		it := online()
		c.change(it)
		trips, why := Trips(it)
		if Star(it) != c.star || trips != c.trips || Grade(it) != c.grade {
			t.Errorf("%s: star %d trips %d grade %s, want %d %d %s", name, Star(it), trips, Grade(it), c.star, c.trips, c.grade)
		}
		if (why != "") != (trips > 0) || why != "" && !i18n.Has(why) {
			t.Errorf("%s: why %q", name, why)
		}
	}
	if !slices.Contains(DepthOf("III"), "4") || slices.Contains(DepthOf("II"), "4") || DepthOf("V") != nil {
		t.Error("depths of grades")
	}
}

func TestGroupMakesTheFiveLevels(t *testing.T) {
	a := &Item{Key: "a", BaseCode: "000131006000", MainItem: "食品经营许可", Agency: "market", Serial: 2}
	b := &Item{Key: "b", BaseCode: "000131006000", MainItem: "食品经营许可", Agency: "market", Serial: 1}
	c := &Item{Key: "c", BaseCode: "000131006001", MainItem: "食品经营许可", SubItem: "仅销售", Agency: "market", Serial: 1}
	d := &Item{Key: "d", Name: "摆摊备案", Imported: &Imported{AgencyCode: "x"}}
	got := Group([]*Item{a, b, c, d})
	if len(got) != 2 || len(got[0].Subs) != 2 || got[0].Subs[0].Lists[0].Variants[0] != b || got[0].Subs[1].Name != "仅销售" || got[1].Name != "摆摊备案" || got[1].Subs[0].Lists[0].Agency != "x" {
		t.Errorf("%+v", got)
	}
}

func TestItemCodesAndReadCode(t *testing.T) {
	const agency = "11580102MB0K731283"
	it := &Item{UseLevel: "4", BaseCode: "000131006000", Serial: 7}
	implement, variant, err := ItemCodes(agency, it)
	if err != nil || implement != agency+"4000131006000" || variant != implement+"07" {
		t.Errorf("%s %s %v", implement, variant, err)
	}
	it.Serial = 0
	if _, variant, err := ItemCodes(agency, it); variant != "" || err != nil {
		t.Errorf("without a serial: %q %v", variant, err)
	}
	for code, want := range map[string]CodeParts{
		variantOf(agency):                 {Agency: agency, Level: "4", Base: "000131006000", Serial: 7},
		"11440100007482575H3440118009000": {Agency: "11440100007482575H", Level: "3", Base: "440118009000"},
		"440118009000":                    {Base: "440118009000"},
		"4401180090":                      {Base: "4401180090", Old: true},
		"114401000074825753440118":        {Old: true},
		"１１440100007482575h3440118009000": {Agency: "11440100007482575H", Level: "3", Base: "440118009000"},
	} {
		if got, err := ReadCode(code); err != nil || got != want {
			t.Errorf("%s: %+v %v", code, got, err)
		}
	}
	if _, err := ReadCode("XK-2024-001"); errs.KindOf(err) != errs.Invalid {
		t.Errorf("local code: %v", err)
	}
}

func variantOf(agency string) string { return agency + "400013100600007" }

func TestRemediesOf(t *testing.T) {
	for _, c := range []struct {
		seat   Seat
		review string
		court  string
	}{
		{Seat{Name: "清澜市清江区民政局", Level: "4", Region: "清澜市清江区"}, "清澜市清江区人民政府", "basic"},
		{Seat{Name: "清澜市清江区人民政府", Level: "4", Region: "清澜市清江区", Above: "清澜市"}, "清澜市人民政府", "intermediate"},
		{Seat{Name: "国家税务总局清澜市清江区税务局", Level: "4", Region: "清澜市清江区", Superior: "国家税务总局清澜市税务局"}, "国家税务总局清澜市税务局", "basic"},
		{Seat{Name: "清澜海关", Level: "3", Region: "清澜市", Superior: "海关总署"}, "海关总署", "intermediate"},
		{Seat{Name: "某省人民政府", Level: "2", Region: "某省"}, "某省人民政府", "intermediate"},
		{Seat{Name: "清澜市柳桥街道办事处", Level: "5"}, "", "basic"},
	} {
		if got := RemediesOf(c.seat); got.Review != c.review || got.Court != c.court || got.ReviewDays != 60 || got.SuitMonths != 6 {
			t.Errorf("%s: %+v", c.seat.Name, got)
		}
	}
}

func TestDiffSaysWhatChanged(t *testing.T) {
	a, b := online(), online()
	b.Channels, b.Limits.Promised = []string{"1", "2", "3"}, Limit{N: 5, Unit: "workday"}
	a.Materials = append(a.Materials, Material{Name: "户口簿", Required: RequiredYes})
	b.Materials = append([]Material{{Name: "体检表", Required: RequiredNo}}, b.Materials...)
	b.Materials[1].Required = RequiredNo
	var got []string
	for _, x := range Diff(a, b) {
		was, is := x.Words(i18n.Chinese)
		got = append(got, x.Label(i18n.Chinese)+"|"+was+"|"+is)
	}
	want := []string{"承诺办结时限||5个工作日", "办理形式|窗口办理、电脑上网办理|窗口办理、电脑上网办理、手机办理", "申请材料“体检表”||体检表；有就交", "申请材料“照片”：必要性|必须|有就交", "申请材料“户口簿”|户口簿；必须|"}
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	if d := Diff(a, a); len(d) != 0 {
		t.Errorf("with itself: %v", d)
	}
}
