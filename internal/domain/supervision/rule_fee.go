package supervision

import (
	"math"
	"regexp"
	"slices"
	"strconv"
	"time"

	"tongban/internal/domain/catalog"
)

// fee (裁量·收费): nothing is charged that the law does not name and the published list does not hold (行政许可法 58, 59). The platform takes no
// money and a case carries no record of a payment, so this rule sees what is published and what is written, and no more: an item that charges without
// a list or without a basis, an item that charges although the base directory says it is free, and a sum that the words of a correction notice or a
// decision ask for although the item's list has no such charge, or above what the list names (Measure.Said). Money asked for in talk, or on paper
// outside the platform, it cannot see. All are yellow: words are read by pattern, and a person must look.
var fee = Rule{
	Key: "fee", Kind: Discretion, Basis: "《中华人民共和国行政许可法》第五十八条、第五十九条", From: inForce,
	Check: func(f Facts, _ Env) []Finding {
		var out []Finding
		c := f.Charges
		if c == nil {
			return nil
		}
		if c.Charged && c.Unfounded {
			out = append(out, Finding{Level: Yellow, Note: "fee_no_basis", Occurrence: "basis", At: f.Submitted, Facts: map[string]string{}})
		}
		if c.Charged && c.FreeAbove {
			out = append(out, Finding{Level: Yellow, Note: "fee_though_free", Occurrence: "directory", At: f.Submitted, Facts: map[string]string{}})
		}
		for _, a := range c.Asked {
			if !c.lists(a.Fen) {
				out = append(out, Finding{Level: Yellow, Note: c.wrong(a.Fen), Occurrence: a.Where + ":" + strconv.FormatInt(a.Fen, 10), At: a.At, Facts: map[string]string{
					"where": a.Where, "sum": yuan(a.Fen),
				}})
			}
		}
		return out
	},
}

// Charges is what an item's version lists, and what papers of the case asked for. Money is fen.
type Charges struct {
	Charged   bool    `json:"charged,omitempty"`
	Unfounded bool    `json:"unfounded,omitempty"`  // it charges, but has no list, or a line of it names no law
	Open      bool    `json:"open,omitempty"`       // a line names no single amount
	FreeAbove bool    `json:"free_above,omitempty"` // the base directory says it is free
	Listed    []int64 `json:"listed,omitempty"`
	Asked     []Asked `json:"asked,omitempty"`
}

// Asked is a sum a paper of the case asked for: Where is correction or decision.
type Asked struct {
	Where string    `json:"where"`
	Fen   int64     `json:"fen"`
	At    time.Time `json:"at"`
}

// lists reports whether a sum may be one of the listed charges: a listed amount, a multiple of one (per copy, per test), or anything where a
// line names no single amount.
func (c Charges) lists(fen int64) bool {
	return c.Charged && (c.Open || slices.ContainsFunc(c.Listed, func(l int64) bool { return l > 0 && fen%l == 0 }))
}

// wrong says what is the matter with a sum that is none of the listed ones: above the largest of them, or simply not there.
func (c Charges) wrong(fen int64) string {
	if c.Charged && len(c.Listed) > 0 && fen > slices.Max(c.Listed) {
		return "fee_above_list"
	}
	return "fee_not_listed"
}

func chargesOf(m Measure) *Charges {
	c := &Charges{Charged: m.Fee.Charged, FreeAbove: m.FreeAbove, Unfounded: m.Fee.Charged && len(m.Fee.Rows) == 0}
	for _, r := range m.Fee.Rows {
		c.row(r, m.Fee.Basis)
	}
	for _, s := range m.Said {
		for _, fen := range sums(s.Text) {
			c.Asked = append(c.Asked, Asked{Where: s.Where, Fen: fen, At: s.At})
		}
	}
	return c
}

func (c *Charges) row(r catalog.FeeRow, basis string) {
	c.Unfounded = c.Unfounded || c.Charged && r.Basis == "" && basis == ""
	c.Open = c.Open || r.StandardFen == 0
	if r.StandardFen > 0 {
		c.Listed = append(c.Listed, r.StandardFen)
	}
}

// asking is a verb of paying or the name of a charge, and within the same clause a sum of money.
var asking = regexp.MustCompile(`(?:缴|交纳|交费|收费|收取|支付|付款|押金|保证金|手续费|工本费)[^。；，,;\n0-9]{0,20}([0-9]{1,9}(?:\.[0-9]{1,2})?)[ ]*(万?)元([^。；，,;\n]{0,12})`)

// proof follows a sum that was paid elsewhere: what is asked for is the paper, not the money.
var proof = regexp.MustCompile(`凭证|证明|票据|发票|收据|回执`)

// sums gives the sums a text asks to be paid, in fen.
func sums(text string) (out []int64) {
	for _, m := range asking.FindAllStringSubmatch(text, -1) {
		n, err := strconv.ParseFloat(m[1], 64)
		if err != nil || proof.MatchString(m[3]) {
			continue
		}
		if m[2] != "" {
			n *= 10000
		}
		if fen := int64(math.Round(n * 100)); fen > 0 && !slices.Contains(out, fen) {
			out = append(out, fen)
		}
	}
	return out
}

func yuan(fen int64) string { return strconv.FormatFloat(float64(fen)/100, 'f', 2, 64) }
