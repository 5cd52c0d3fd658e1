package item

import (
	"slices"
	"testing"

	"tongban/internal/base/i18n"
)

func online() *Item {
	return &Item{
		Visits: new(0), Online: OnlineFull, Form: "f", Flow: "f", Channels: []string{"1", "2"}, Depth: []string{"1", "4", "5", "6", "7"}, Result: Result{Kind: "licence", LicenceType: "x"},
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
		"looked at in advance":      {func(it *Item) { it.Depth, it.Visits = []string{"2"}, new(2) }, 0, 0, "II"},
		"only told about":           {func(it *Item) { it.Depth = []string{"1"} }, 0, 0, "I"},
		"nothing said":              {func(it *Item) { it.Depth = nil }, 0, 0, ""},
		"trips unknown":             {func(it *Item) { it.Visits = nil }, 3, 0, "I"},
		"one trip":                  {func(it *Item) { it.Visits = new(1) }, 3, 0, "III"},
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
}

func TestItemCodes(t *testing.T) {
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
