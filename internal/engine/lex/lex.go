package lex

import "fmt"

// Synonym is a pair that an office adds to the everyday words: what people say and the terms of the field that it stands for.
type Synonym struct {
	Said   string
	Terms  []string
	Weight float64 // of the terms against words said literally, 0 < w ≤ 1; 0 means 0.9
}

// Query is what a question means. All texts are folded (see Fold).
type Query struct {
	Text     string   // the whole question, folded
	Must     []Term   // what the question is about; ranking may drop the lightest when nothing has all of them
	Should   []Term   // what the question makes likely: words of the intent, compounds, generic words such as 登记
	Chatter  []string // what was left out: 怎么办理, 我想
	Intent   string   // one of the Intent constants, "" if none was recognised
	Audience string   // "person", "firm" or "" (not said)
	Against  []string // words of other steps (注销 for who wants to begin): a hit that has them in its name is less likely meant
	Ages     []string // groups of people that the question names: "child", "elder", "disabled", "veteran", "worker", "student" …
}

// The intents that a question can have.
const (
	IntentNew     = "new"     // to begin something: 设立, 新办, 开店
	IntentRenew   = "renew"   // expired or about to: 延续, 换领
	IntentReplace = "replace" // lost or damaged: 补领, 挂失
	IntentChange  = "change"  // moved, renamed: 变更
	IntentCancel  = "cancel"  // closed: 注销
	IntentInspect = "inspect" // yearly check: 年审, 年报
	IntentClaim   = "claim"   // money to get: 申领, 补贴
	IntentPay     = "pay"     // money to pay in: 缴费
	IntentLook    = "look"    // to look something up: 查询
	IntentPrint   = "print"   // a certificate to be written out: 证明, 打印
	IntentReport  = "report"  // a complaint or a tip: 投诉, 举报
	IntentMove    = "move"    // to take something along: 转移, 迁移
	IntentFee     = "fee"     // what it costs
	IntentTime    = "time"    // how long it takes
	IntentPlace   = "place"   // where it is done
	IntentWho     = "who"     // who may ask for it
	IntentPapers  = "papers"  // what has to be brought along
)

// Term is one thing that is looked for: a hit has all of Tokens, or all tokens of one of Alts.
type Term struct {
	Text   string   // as it was said
	Tokens []string // tokens of the index that must all be there; nil if only Alts can match
	Weight float64  // 1 is a word of the matter; generic words (登记, 证) weigh less
	Alts   []Alt    // other words for it, best first
	Via    string   // for terms of Query.Should that nobody said: what they were drawn from (过期了)
}

// Alt is another word for a term and where it came from.
type Alt struct {
	Text   string
	Tokens []string // must all be there
	Weight float64  // against the term said literally: 0 < w ≤ 1
	Via    string   // the everyday phrase that stands for it (开饭店)
}

// Lexicon knows the words. It does not change after New and may be used by many goroutines.
type Lexicon struct {
	dict    *dictionary
	phrases []*phrases // the embedded ones and, if there are any, the extra ones
	steps   []string
	begin   Term // words of a beginning, likely when no other step is asked for
}

// New returns the lexicon of the embedded data with extra everyday words. The embedded data are read once; more lexicons cost only their extra
// words. It returns an error if the embedded data are damaged or a synonym is empty.
func New(extra []Synonym) (*Lexicon, error) {
	d, err := embedded()
	if err != nil {
		return nil, fmt.Errorf("dictionary: %w", err)
	}
	p, err := everyday()
	if err != nil {
		return nil, fmt.Errorf("everyday words: %w", err)
	}
	l := &Lexicon{dict: d, phrases: []*phrases{p}, steps: p.steps, begin: p.begin}
	if len(extra) == 0 {
		return l, nil
	}
	own := newPhrases()
	for _, s := range extra {
		if err := own.addExtra(d, p, s); err != nil {
			return nil, err
		}
	}
	l.phrases = []*phrases{own, p}
	return l, nil
}

// Version names the embedded dictionary. Tokens of one version do not change; an index made under another version must be made again.
// It is "" if the embedded data are damaged, which New tells.
func Version() string {
	d, err := embedded()
	if err != nil {
		return ""
	}
	return d.version
}
