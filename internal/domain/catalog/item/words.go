package item

// synonyms are words lists write for codes besides the names: list, word, code.
var synonyms = map[string]map[string]string{
	"type":         {"其他行政权力": "10", "其他类别": "10", "公共服务事项": "20", "许可": "01", "给付": "05", "确认": "07", "奖励": "08", "裁决": "09"},
	"use_level":    {"国家": "1", "省": "2", "省级(直属)": "2", "市": "3", "市级(隶属)": "3", "县": "4", "区级": "4", "县(市、区)级": "4", "乡级": "5", "镇级": "5", "街道": "5", "镇(乡、街道)级": "5", "村级": "6", "社区": "6", "村(社区)级": "6"},
	"audience":     {"个人": "1", "公民": "1", "企业": "2", "法人": "2", "事业单位": "3", "社会团体": "4", "机关": "5", "非法人企业": "6", "个体工商户": "6", "非法人组织": "6"},
	"channel":      {"窗口": "1", "现场办理": "1", "网上": "2", "网上办理": "2", "电脑端网上办理": "2", "移动端": "3", "移动端网上申请": "3", "手机": "3", "快递": "4", "快递申请": "4", "邮寄": "4"},
	"case_kind":    {"即办": "1", "承诺": "2"},
	"area":         {"全国通办": "1", "跨省通办": "2", "跨市通办": "3", "全省通办": "3", "跨县通办": "4", "全市通办": "4"},
	"depth":        {"互联网咨询": "1", "互联网收件": "2", "互联网预审": "3", "互联网受理": "4", "互联网办理": "5", "互联网办理结果信息反馈": "6", "互联网电子证照反馈": "7"},
	"unit":         {"日": "naturalday", "天": "naturalday", "自然日": "naturalday", "工作日": "workday", "小时": "hour", "月": "month", "个月": "month"},
	"result":       {"证照": "licence", "批文": "approval", "其他": "other", "无": "none", "出证办结": "licence", "出文办结": "approval", "审批办结": "none"},
	"required":     {"必要": RequiredYes, "必须": RequiredYes, "是": RequiredYes, "非必要": RequiredNo, "否": RequiredNo, "容缺后补": RequiredLater, "可容缺": RequiredLater, "容缺": RequiredLater},
	"medium":       {"纸质": "paper", "电子": "electronic", "电子化": "electronic", "纸质和电子": "both", "纸质或电子": "both", "纸质/电子": "both", "两者": "both"},
	"source":       {"申请人自备": FromApplicant},
	"power_source": {"法定本级行使": "1", "法定行使": "1", "法定授权": "3", "上级下放": "2", "委托": "5"},
	"state":        {"正常": "1", "有效": "1", "挂起": "2", "停用": "2", "注销": "3", "废止": "3"},
	"online":       {"是": OnlineExternal, "否": OnlineGuide},
	"special":      {"延长": "1"},
	"format":       {"PDF": "pdf", "JPG": "jpg", "JPEG": "jpg", "jpeg": "jpg", "PNG": "png", "TXT": "txt"},
	"sign":         {"是": "1"},
}
