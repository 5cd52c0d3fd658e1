package search

import (
	"strings"

	"tongban/internal/engine/lex"
)

// act is something that is done with a right one has, or wants to have: the items of one licence differ by it and by nothing else.
type act struct {
	intent string   // of lex
	words  []string // by which a name says it
}

// acts are the acts by which items of one matter are told apart. Who names none means the first issue: 烟草证 is not its renewal.
var acts = []act{
	{lex.IntentRenew, []string{"延续", "续期", "换领", "换发", "换证", "延期", "到期", "期满", "续展"}},
	{lex.IntentReplace, []string{"补领", "补办", "遗失", "补发", "补换", "补证", "损毁", "挂失"}},
	{lex.IntentChange, []string{"变更", "更名", "更正", "修改", "异动"}},
	{lex.IntentCancel, []string{"注销", "歇业", "终止", "停业", "停止", "解散", "撤销", "缴销", "作废", "清算", "退出", "撤回", "暂停", "中止", "报废"}},
	{lex.IntentMove, []string{"转移", "转入", "转出", "迁移", "转让", "转接", "迁入", "迁出", "转学", "转诊"}},
	{lex.IntentLook, []string{"查询", "查阅", "咨询"}},
	{lex.IntentInspect, []string{"年审", "年检", "年报", "复审", "检验", "年度", "认证"}},
	{lex.IntentReport, []string{"投诉", "举报"}},
	{lex.IntentPrint, []string{"打印", "证明"}},
	{lex.IntentClaim, []string{"补贴", "补助", "津贴", "奖励", "报销", "抚恤", "贴息", "救助", "退费", "返还"}},
	{lex.IntentPay, []string{"缴纳", "交存", "缴存", "补缴"}},
	{"", []string{"预约", "筹设", "分公司", "分支机构", "增项", "增加", "减少", "临时", "补充"}},
}

// firstIssue are words of names by which something begins.
var firstIssue = []string{"新办", "新增", "初次", "首次", "设立", "核发", "发放", "申领", "新申请", "取证", "办理"}

// What an act is worth that was asked for, one that was not, and a first issue where none was named.
const (
	askedAct   = 1.2
	otherAct   = -1.3
	firstWorth = 0.4
	noAct      = -0.8 // of a name without an act where one was asked for
	newWorth   = 1.0  // of a first issue where something is to begin
)

// saidActs are the acts that a question names, by its words or by its intent.
func saidActs(text, intent string) uint16 {
	said := actsIn(text)
	for i, a := range acts {
		if a.intent != "" && a.intent == intent {
			said |= 1 << i
		}
	}
	return said
}

// actsIn are the acts that a text names.
func actsIn(text string) (said uint16) {
	for i, a := range acts {
		if holdsAny(text, a.words) {
			said |= 1 << i
		}
	}
	return said
}

// actWorth compares the acts of a name with those of a question.
func actWorth(h *head, said uint16, begin bool) float64 {
	switch {
	case h.acts&said != 0:
		return askedAct
	case h.acts != 0:
		return otherAct
	case begin && h.first:
		return newWorth
	case said != 0:
		return noAct
	case h.first:
		return firstWorth
	}
	return 0
}

func holdsAny(text string, words []string) bool {
	for _, w := range words {
		if strings.Contains(text, w) {
			return true
		}
	}
	return false
}
