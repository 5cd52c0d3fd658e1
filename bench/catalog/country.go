package main

import (
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
	"strings"

	"tongban/internal/engine/cnid"
)

// The country: 31 provinces, each with cities, each with counties.
const (
	citiesOfProvince, countiesOfCity = 11, 9
	level2, level3, level4           = "2", "3", "4" // 行使层级: province, city, county
)

type place struct {
	code, name, level    string
	number               int // of all places
	province, city, seat int // numbers, for what neighbours share
}

// country makes items: every office of every place, with what it offers. It remembers the matters and the places, never an item.
type country struct {
	seed    uint64
	matters []matter
	places  []place
}

func newCountry(root string, seed uint64) (*country, error) {
	ms, err := matters(root)
	if err != nil {
		return nil, err
	}
	c := &country{seed: seed, matters: ms}
	add := func(p place) {
		p.number = len(c.places)
		c.places = append(c.places, p)
	}
	for i, code := range provinceCodes {
		province := placeName(len(c.places)) + "省"
		add(place{code: code + "0000", name: province, level: level2, province: i, city: -1})
		for j := range citiesOfProvince {
			city := i*citiesOfProvince + j
			add(place{code: fmt.Sprintf("%s%02d00", code, j+1), name: placeName(len(c.places)) + "市", level: level3, province: i, city: city})
			for k := range countiesOfCity {
				add(place{code: fmt.Sprintf("%s%02d%02d", code, j+1, k+2), name: placeName(len(c.places)) + []string{"区", "县", "县", "市"}[k%4], level: level4, province: i, city: city, seat: k})
			}
		}
	}
	return c, nil
}

// mix is a good hash of a number (splitmix64).
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// draw gives the chance of a question about numbers; the same every time.
func (c *country) draw(question uint64, about ...int) uint64 {
	h := c.seed*31 + question
	for _, n := range about {
		h = mix(h ^ uint64(n)) //nolint:gosec // only bits are wanted
	}
	return mix(h)
}

// Questions to draw.
const (
	drawLevel = iota + 1
	drawChosen
	drawOffered
	drawDeviates
	drawSlip
	drawEveryday
	drawOffice
	drawRow
	drawAsk
)

// offers says whether a place does a matter: provinces choose, and not every office follows.
func (c *country) offers(p *place, m int) bool {
	share := uint64(85)
	switch p.level {
	case level2:
		share = 35
	case level3:
		share = 70
	}
	if c.draw(drawLevel, m, int(p.level[0]))%100 >= share {
		return false
	}
	if p.level != level2 && c.draw(drawChosen, p.province, m)%100 >= 54 {
		return false
	}
	return c.draw(drawOffered, p.number, m)%100 < 92
}

// walk gives item after item.
type walk struct {
	c             *country
	place, matter int
	given         int
	offices       map[int]office // of the place
}

// office is one department of a place.
type office struct{ name, code, phone, complain, address, hours string }

func (c *country) walk() *walk { return &walk{c: c, matter: -1, offices: map[int]office{}} }

// step goes on to the next item; false at the end of the country.
func (w *walk) step() bool {
	for w.place < len(w.c.places) {
		if w.matter++; w.matter >= len(w.c.matters) {
			w.place, w.matter = w.place+1, -1
			clear(w.offices)
			continue
		}
		if w.c.offers(&w.c.places[w.place], w.matter) {
			w.given++
			return true
		}
	}
	return false
}

// skip passes over items without making them.
func (w *walk) skip(n int) {
	for w.given < n && w.step() {
	}
}

func (w *walk) office(department int) (office, error) {
	if o, ok := w.offices[department]; ok {
		return o, nil
	}
	p, h := &w.c.places[w.place], w.c.draw(drawOffice, w.place, department)
	name := departments[department].name
	if p.level == level2 {
		name = strings.Replace(name, "局", "厅", 1)
	}
	body := fmt.Sprintf("MB%06d", (w.place*len(departments)+department)%1_000_000)
	credit := "11" + p.code + body + string(cnid.OrgCodeCheck(body))
	o := office{
		name: p.name + name, code: credit + string(cnid.CreditCodeCheck(credit)),
		phone:    fmt.Sprintf("0%03d-%08d", 300+p.province*7+p.city%7, 20_000_000+h%60_000_000),
		complain: fmt.Sprintf("0%03d-%08d", 300+p.province*7+p.city%7, 20_000_000+h>>20%60_000_000),
		address:  fmt.Sprintf("%s%s%d号%s%d楼", p.name, roads[h>>32%uint64(len(roads))], h>>36%300+1, halls[h>>44%uint64(len(halls))], h>>48%4+1),
		hours:    hours[h>>52%uint64(len(hours))],
	}
	if _, err := cnid.ParseCreditCode(o.code); err != nil {
		return o, fmt.Errorf("%s: %w", o.code, err)
	}
	w.offices[department] = o
	return o, nil
}

// columns are the headings, as lists have them.
var columns = []string{
	"事项名称", "主项名称", "基本编码", "实施编码", "业务办理项编码", "事项类型", "实施主体", "实施主体编码", "行政区划代码", "行使层级", "服务对象", "自然人主题", "法人主题", "日常用语",
	"事项说明", "受理条件", "办件类型", "法定办结时限", "承诺办结时限", "办理形式", "到办事现场次数", "是否收费", "办理地点", "办理时间", "咨询电话", "监督投诉电话",
	"申请材料：材料标识", "申请材料：材料名称", "申请材料：必要性", "申请材料：提供方式", "申请材料：材料形式",
}

// names gives what an office calls a matter, and the everyday words it adds. Cities deviate as a whole: their counties copy them.
func (w *walk) names(m *matter) (name, everyday string) {
	p := &w.c.places[w.place]
	name = m.name
	if h := w.c.draw(drawDeviates, p.province, p.city, w.matter); h%1000 < 20 {
		switch h >> 16 % 5 {
		case 0:
			name = w.c.places[p.province*(1+citiesOfProvince*(1+countiesOfCity))].name + name
		case 1:
			name = strings.NewReplacer("（", "(", "）", ")", "、", "，").Replace(name) + tails[h>>24%uint64(len(tails))]
		default:
			name += tails[h>>24%uint64(len(tails))]
		}
	}
	if h := w.c.draw(drawSlip, p.number, w.matter); h%10_000 < 3 { // a slip of somebody's own
		name += fmt.Sprintf("（%s）", p.name)
	}
	if h := w.c.draw(drawEveryday, p.province, p.city, w.matter); h%1000 < 10 {
		everyday = m.main + sayAlt[h>>16%uint64(len(sayAlt))]
	}
	return name, everyday
}

// row makes the item the walk stands on.
func (w *walk) row() ([]string, error) {
	p, m := &w.c.places[w.place], &w.c.matters[w.matter]
	o, err := w.office(m.department)
	if err != nil {
		return nil, err
	}
	implement, err := cnid.ImplementCode(o.code, p.level, m.code)
	if err != nil {
		return nil, fmt.Errorf("%s %s %s: %w", o.code, p.level, m.code, err)
	}
	h := w.c.draw(drawRow, p.number, w.matter)
	variant, err := cnid.VariantCode(implement, 1)
	if err != nil {
		return nil, err
	}
	name, everyday := w.names(m)
	caseKind, legal, promised := "1", "即办", "即办"
	if m.legal > 0 {
		caseKind, legal, promised = "2", strconv.Itoa(m.legal)+"个工作日", strconv.Itoa(max(1, m.legal-int(h%5)*m.legal/5))+"个工作日"
	}
	audience := map[[2]bool]string{{true, true}: "1、2", {true, false}: "1", {false, true}: "2"}[[2]bool{m.person, m.firm}]
	return []string{
		name, m.main, m.code, implement, variant, m.kind, o.name, o.code, p.code, p.level, audience, m.theme[0], m.theme[1], everyday,
		m.summary, m.who, caseKind, legal, promised, []string{"1", "1、2", "1、2", "1、2、4"}[h>>8%4], []string{"1", "1", "1", "0"}[h>>8%4], []string{"否", "否", "否", "是"}[h>>24%4],
		o.address, o.hours, o.phone, o.complain,
		"application", m.materials[0], "yes", "self", "both",
	}, nil
}

// list writes the next n items as CSV and gives how many there were; fewer at the end of the country.
func (w *walk) list(out io.Writer, n int) (int, error) {
	c := csv.NewWriter(out)
	if err := c.Write(columns); err != nil {
		return 0, err
	}
	for i := range n {
		if !w.step() {
			n = i
			break
		}
		r, err := w.row()
		if err != nil {
			return i, err
		}
		if err := c.Write(r); err != nil {
			return i, err
		}
	}
	c.Flush()
	return n, c.Error()
}
