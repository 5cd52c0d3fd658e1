package main

import "strings"

// firsts and seconds make the names of places. None of the pairs is meant to be a real place.
var (
	firsts  = []rune("岚澄沐苍翠晴暮霜曦鹭雁鹤枫桐榆槐柳梧棠棣芷蘅荻菱蓼蔚皎璟瑶琼琅珏珑瑾璇钧铭镜锦绮缃缥纾韶鸢鹂鸥鲸麓峤岫嶂峦汀渚浦湄溆澍濯")
	seconds = []rune("川原野岭峰谷溪涧泉湾港津渡桥隘塞堡寨营屯垣郭坊堰塘洲屿滩岸浜汇源泽沼淀潭洼坪坝垄坡塬垭峪壑台阁亭苑圃庄圩墟洞井庙驿坞")
)

// placeName gives place i a name of its own.
func placeName(i int) string {
	n := len(firsts) * len(seconds)
	i = i * 1009 % n // a prime: neighbours do not begin alike
	return string([]rune{firsts[i/len(seconds)], seconds[i%len(seconds)]})
}

// provinceCodes are two digits that no real province has (GB/T 2260), nor the demo city.
var provinceCodes = []string{
	"16", "17", "18", "19", "20", "24", "25", "26", "27", "28", "29", "30", "38", "39", "40", "47", "48", "49", "55", "56", "57", "59", "60", "66", "67", "68",
	"69", "70", "72", "73", "74",
}

// departments are the kinds of office, by words that lists call them by.
var departments = []struct {
	name  string // 局 becomes 厅 in a province
	words []string
}{
	{"行政审批局", []string{"行政审批"}},
	{"人力资源和社会保障局", []string{"人社", "人力资源"}},
	{"交通运输局", []string{"交通"}},
	{"税务局", []string{"税务"}},
	{"住房和城乡建设局", []string{"住建", "住房"}},
	{"自然资源和规划局", []string{"自然资源", "规划"}},
	{"公安局", []string{"公安", "移民"}},
	{"医疗保障局", []string{"医疗保障", "医保"}},
	{"文化广电旅游局", []string{"文广旅", "文化", "广播", "新闻", "电影", "体育"}},
	{"教育局", []string{"教科", "教育"}},
	{"农业农村局", []string{"农业"}},
	{"司法局", []string{"司法"}},
	{"卫生健康局", []string{"卫健", "卫生", "疾病"}},
	{"民政局", []string{"民政"}},
	{"市场监督管理局", []string{"市监", "市场监督", "药品", "知识产权"}},
	{"林业和草原局", []string{"林业", "草原"}},
	{"生态环境局", []string{"生态", "环境"}},
	{"残疾人联合会", []string{"残联", "残疾"}},
	{"水务局", []string{"水务", "水利"}},
	{"应急管理局", []string{"应急"}},
	{"政府办公室", []string{"政府办", "委办"}},
	{"烟草专卖局", []string{"烟草"}},
	{"气象局", []string{"气象"}},
	{"退役军人事务局", []string{"退役"}},
	{"财政局", []string{"财政"}},
	{"城市管理局", []string{"综合执法", "城市管理"}},
	{"发展和改革局", []string{"发改", "发展"}},
	{"商务局", []string{"商务"}},
	{"经济和信息化局", []string{"经信", "工业", "信息"}},
	{"消防救援局", []string{"消防"}},
}

func departmentOf(name string) int {
	for i, d := range departments {
		for _, w := range d.words {
			if strings.Contains(name, w) {
				return i
			}
		}
	}
	return 0
}

// tails and fronts are what offices add to a name.
var (
	tails  = []string{"（县级）", "（市级权限）", "（告知承诺制）", "（即办件）", "（网上办理）", "（一件事）", "事项办理", "（委托办理）"}
	sayAlt = []string{"怎么办", "办证", "在哪里办", "办理指南", "要什么材料"}
	halls  = []string{"政务服务中心", "便民服务中心", "市民之家", "政务服务大厅"}
	roads  = []string{"澜江大道", "橡树街", "柳桥路", "文昌路", "南湖路", "新华街", "建设路", "滨河路", "学府路", "站前路"}
	hours  = []string{"周一至周五 9:00–12:00、13:30–17:00", "工作日 9:00–17:00，中午不休息", "工作日 8:30–12:00、14:00–17:30", "周一至周六 9:00–17:00"}
)
