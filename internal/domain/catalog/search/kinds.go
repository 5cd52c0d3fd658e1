package search

import (
	"math/bits"
	"strings"
)

// kinds are the special cases by which items of one matter are told apart: whom they are for, of which kind the firm, the vehicle or the goods are.
// Who names none means the item that names none: 社保转移 is not that of soldiers, 开诊所 not that of Chinese medicine. There are at most 64.
var kinds = [][]string{
	{"军人", "退役", "随军"},
	{"机关事业"},
	{"工伤", "因工"},
	{"分支机构", "分公司", "子公司", "分社"},
	{"中医"},
	{"个人独资"},
	{"合伙"},
	{"合作社"},
	{"非公司"},
	{"个体"},
	{"矿"},
	{"股权"},
	{"合并", "分立", "改制"},
	{"残疾", "盲人"},
	{"大学生", "高校", "在校"},
	{"学科类"},
	{"职业培训"},
	{"民办"},
	{"作废", "红字"},
	{"外国", "境外", "非居民", "涉外"},
	{"省际", "省内", "跨省"},
	{"拖拉机", "收割机"},
	{"客运", "旅客"},
	{"货运", "货物"},
	{"出租汽车"},
	{"网络预约", "网约"},
	{"教练"},
	{"电子", "网络", "网站"},
	{"就业困难", "零就业"},
	{"失业"},
	{"国有"},
	{"艾滋"},
	{"孤儿", "弃婴", "被拐", "无人抚养"},
	{"困难", "特困"},
	{"易制毒", "剧毒"},
	{"放射"},
	{"麻醉", "毒性"},
	{"农村", "乡村", "乡镇", "乡（镇）"},
	{"灌溉", "水利", "水库"},
	{"公证"},
	{"抵押", "出质"},
	{"社会组织", "社会团体", "民办非企业"},
	{"宗教", "寺"},
	{"集体"},
	{"进城", "随迁"},
	{"招标", "投标"},
	{"纠纷", "裁决", "仲裁"},
	{"税"},
	{"草原"},
	{"种子", "种畜", "菌种", "苗种", "蚕种"},
	{"水生", "水产", "渔"},
	{"秘密"},
	{"遗属", "供养亲属"},
	{"历史建筑", "文物"},
	{"公路"},
	{"工程建设", "建设工程", "建设项目"},
	{"异地"},
	{"结婚", "离婚"},
	{"国际"},
	{"人防", "防空"},
	{"大型"},
	{"幼儿园", "学前"},
}

const (
	otherKind  = -0.9 // for each special case of a name that was not asked for
	mostOthers = 3
)

// kindsIn are the special cases that a text names.
func kindsIn(text string) (said uint64) {
	for i, words := range kinds {
		if holdsAny(text, words) {
			said |= 1 << i
		}
	}
	return said
}

// saidKinds are the special cases that a question names, or any word that stands for one of its own.
func saidKinds(q question) uint64 {
	var all strings.Builder
	all.WriteString(q.text)
	for _, w := range q.must {
		for _, way := range w.ways {
			all.WriteByte(' ')
			all.WriteString(way.word)
		}
	}
	for _, w := range q.should {
		if !w.guessed() && len(w.ways) > 0 {
			all.WriteByte(' ')
			all.WriteString(w.ways[len(w.ways)-1].word)
		}
	}
	return kindsIn(all.String())
}

// kindWorth is what a head loses for special cases that were not asked for.
func kindWorth(h *head, said uint64) float64 {
	return otherKind * float64(min(bits.OnesCount64(h.kinds&^said), mostOthers))
}
