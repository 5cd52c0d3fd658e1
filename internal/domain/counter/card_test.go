package counter

import (
	"testing"
	"time"

	"tongban/internal/base/errs"
)

const number = "580102194002030027" // invented; 58 is assigned to no province

func TestParseLine(t *testing.T) {
	whole := Card{
		Name: "沈秋月", Sex: "女", Nation: "汉", Birth: "1940-02-03", Address: "柳桥路9号", Number: number, Agency: "清澜市公安局", ValidFrom: "2006-04-01", ValidUntil: "2036-04-01",
	}
	for in, want := range map[string]Card{
		number: {Number: number, Birth: "1940-02-03", Sex: "女"},
		"沈秋月|女|汉|19400203|柳桥路9号|" + number + "|清澜市公安局|20060401-20360401":              whole,
		"沈秋月\t女\t汉\t1940.02.03\t柳桥路9号\t" + number + "\t清澜市公安局\t2006.04.01-2036.04.01": whole,
		"沈秋月，女，汉，1940-02-03，柳桥路9号，" + number + "，清澜市公安局，2006-04-01-2036-04-01":        whole,
	} {
		got, err := ParseLine(in, "2026-03-10")
		if err != nil || got != want {
			t.Errorf("%q: %+v %v", in, got, err)
		}
	}
	long, err := ParseLine("沈秋月|女|汉|19400203|柳桥路9号|"+number+"|清澜市公安局|20060401-长期", "2026-03-10")
	if err != nil || long.ValidUntil != "" {
		t.Errorf("长期: %+v %v", long, err)
	}
	for in, key := range map[string]string{
		"":                   "counter.line_form",
		"沈秋月|女|" + number:    "counter.line_form",
		"580102194002030028": "cnid.id_check",
		"沈秋月|女|汉|1940|柳桥路9号|" + number + "|局|20060401-20360401":     "counter.card_date",
		"沈秋月|女|汉|19400203|柳桥路9号|" + number + "|局|20060401-20361340": "counter.card_date",
		"沈秋月|女|汉|19400203|柳桥路9号|" + number + "|局|20060401":          "counter.card_date",
	} {
		if _, err := ParseLine(in, "2026-03-10"); !errs.Is(err, key) {
			t.Errorf("%q: %v, want %s", in, err, key)
		}
	}
}

func TestACardIsJudgedInWords(t *testing.T) {
	good := Card{Name: "沈秋月", Sex: "女", Birth: "1940-02-03", Number: number, ValidFrom: "2006-04-01", ValidUntil: "2026-03-10"}
	if err := good.Check("2026-03-10"); err != nil {
		t.Errorf("on its last day: %v", err)
	}
	for key, change := range map[string]func(*Card){
		"counter.card_expired":        func(c *Card) { c.ValidUntil = "2026-03-09" },
		"counter.card_not_yet":        func(c *Card) { c.ValidFrom = "2026-03-11" },
		"counter.card_number_differs": func(c *Card) { c.Birth = "1940-02-04" },
		"counter.card_name":           func(c *Card) { c.Name = "" },
		"cnid.id_check":               func(c *Card) { c.Number = "580102194002030028" },
	} {
		c := good
		change(&c)
		if err := c.Check("2026-03-10"); !errs.Is(err, key) {
			t.Errorf("%s: %v", key, err)
		}
	}
}

func TestMedian(t *testing.T) {
	s := time.Second
	for want, ds := range map[int][]time.Duration{0: nil, 5: {9 * s, 5 * s, 1 * s}, 4: {6 * s, 2 * s}} {
		if got := median(ds); got != want {
			t.Errorf("%v: %d", ds, got)
		}
	}
}
