package main

import (
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"

	"tongban/internal/domain/catalog/item"
)

// matter is what offices offer, under the name of the directory.
type matter struct {
	name, main   string
	code         string // 基本编码, of 12
	kind         string // 事项类型
	department   int
	person, firm bool
	theme        [2]string // for persons, for firms
	legal        int       // working days; 0 for at once
	summary, who string
	materials    []string
}

var (
	localMark = regexp.MustCompile(`[（(][^（）()]*(?:县级|市级|省级|区级|权限|行使|根据省政府|即办件|承诺件)[^（）()]*[）)]`)
	actWord   = regexp.MustCompile(`新办|变更|延续|注销|补办|补发|补证|补领|换发|换证|换领|遗失|年检|年审|查询|投诉|咨询|转入|转出|终止|首次|延期|到期`)
	licensed  = regexp.MustCompile(`许可|审批|核发|核准|执业|资格|证$|证办理$`)
	entered   = regexp.MustCompile(`登记|备案|注册|认定|确认`)
	paid      = regexp.MustCompile(`补贴|补助|津贴|救助|奖励|待遇|保障|资助|抚恤`)
)

// The acts of a matter, by what it is.
var (
	actsOfLicence = []string{"（新办）", "（变更）", "（延续）", "（注销）", "（补证）"}
	actsOfEntry   = []string{"（首次）", "（变更）", "（注销）", "（补证）"}
	actsOfPay     = []string{"（申请）", "（信息变更）", "（停发）"}
	actsOfOther   = []string{"", "（代办）"}
)

func actsOf(name string) []string {
	switch {
	case actWord.MatchString(name):
		return []string{""}
	case licensed.MatchString(name):
		return actsOfLicence
	case entered.MatchString(name):
		return actsOfEntry
	case paid.MatchString(name):
		return actsOfPay
	}
	return actsOfOther
}

// matters reads the lists of the repository and gives each act of each matter once, in a fixed order.
func matters(root string) ([]matter, error) {
	listed, err := districtMatters(root)
	if err != nil {
		return nil, err
	}
	based, err := baseMatters(root)
	if err != nil {
		return nil, err
	}
	var out []matter
	seen := map[string]bool{}
	for n, m := range append(based, listed...) {
		bare := strings.TrimSpace(localMark.ReplaceAllString(m.name, ""))
		for _, name := range []string{bare, strings.TrimSpace(localMark.ReplaceAllString(m.main, ""))} {
			if name == "" || name == "未分类" {
				continue
			}
			for k, act := range actsOf(name) {
				x := m
				x.name, x.main = name+act, name
				if seen[x.name] {
					continue
				}
				seen[x.name] = true
				x.complete(n, k, len(out))
				out = append(out, x)
			}
		}
	}
	return out, nil
}

// complete fills in what the lists do not say, so that it follows from the matter.
func (m *matter) complete(n, act, number int) {
	h := mix(uint64(number) + 7)                                            //nolint:gosec // counts up from 0
	m.code = fmt.Sprintf("00%s%05d%03d", m.kind, n%100000, (number+1)%1000) // type 2, main 5, serial 3 behind two of the country
	m.person, m.firm = h%3 != 0, h%3 != 1
	person, firm := item.ThemeCodes("person"), item.ThemeCodes("firm")
	if m.person {
		m.theme[0] = person[(m.department*3+int(h>>8%3))%len(person)]
	}
	if m.firm {
		m.theme[1] = firm[(m.department*5+int(h>>16%3))%len(firm)]
	}
	m.legal = []int{0, 5, 10, 15, 20, 20, 20, 30}[h>>24%8]
	m.who = "申请人符合" + m.main + "的法定条件；材料齐全、符合法定形式"
	m.summary = "办理" + m.main + []string{"", "的登记事项变化", "到期后的继续", "的终止", "证件遗失或者损毁"}[act%5] + "，可以在网上或者到窗口提出。"
	if len(m.materials) == 0 {
		m.materials = []string{m.main + "申请表", []string{"居民身份证", "营业执照", "法定代表人身份证明"}[h>>32%3], []string{"授权委托书", "场所使用证明", "近期免冠照片", "原证件", "承诺书"}[h>>40%5]}
	}
	if len(m.materials) > 1 {
		m.summary += "请带上" + strings.Join(m.materials[1:], "、") + "。"
	}
}

func districtMatters(root string) ([]matter, error) {
	f, err := os.Open(filepath.Join(root, "internal/domain/catalog/testdata/district-items.csv")) //nolint:gosec // a file of the repository
	if err != nil {
		return nil, err
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		return nil, err
	}
	var out []matter
	for _, c := range rows[1:] { // department, main_item, item_name, local_item_code, item_type, …
		out = append(out, matter{name: c[2], main: c[1], kind: fmt.Sprintf("%02s", c[4]), department: departmentOf(c[0])})
	}
	return out, nil
}

func baseMatters(root string) ([]matter, error) {
	b, err := os.ReadFile(filepath.Join(root, "packs/qinglan/base.yaml")) //nolint:gosec // a file of the repository
	if err != nil {
		return nil, err
	}
	var doc struct {
		Bases []struct {
			Name       string `yaml:"name"`
			ItemType   string `yaml:"item_type"`
			Department string `yaml:"department"`
			Materials  []struct {
				Name string `yaml:"name"`
			} `yaml:"materials"`
		} `yaml:"bases"`
	}
	if err := yaml.Unmarshal(b, &doc); err != nil {
		return nil, err
	}
	var out []matter
	for _, x := range doc.Bases {
		m := matter{name: x.Name, kind: x.ItemType, department: departmentOf(x.Department)}
		for _, y := range x.Materials {
			m.materials = append(m.materials, y.Name)
		}
		out = append(out, m)
	}
	return out, nil
}
