package design

import (
	"context"
	"slices"
	"strings"

	"tongban/internal/base/errs"
	"tongban/internal/domain/catalog/item"
	"tongban/internal/domain/licence"
	"tongban/internal/domain/paper"
	"tongban/internal/engine/flow"
	"tongban/internal/engine/form"
	"tongban/internal/engine/pdf"
	"tongban/internal/engine/table"
)

// Skeleton gives the first text of a new definition, so that nobody begins with an empty page; act says what a paper documents. errs.Invalid for a
// kind that is not made this way.
func (s *Service) Skeleton(ctx context.Context, it item.Item, k Kind, key, act string) (any, error) {
	switch k {
	case FormFile:
		return form.Definition{Key: key, Title: it.Name, Sections: []form.Section{{Key: "main", Title: it.Name, Fields: []form.Field{}}}}, nil
	case FlowFile:
		return s.flowSkeleton(ctx, it, key), nil
	case PaperFile:
		if slices.Contains(paper.Acts, act) {
			return paperSkeleton(it, key, act), nil
		}
	case LicenceFile:
		return s.licenceSkeleton(ctx, it, key), nil
	case TableFile:
		return table.Definition{Key: key, Name: it.Name, Hit: table.First, Rows: []table.Row{}}, nil
	}
	return nil, errs.New(errs.Invalid, "design.bad_kind")
}

// stepNames are the steps in the words of the law.
var stepNames = map[string]string{
	flow.Receive: "收件", flow.Accept: "受理", flow.Review: "审查", flow.Decide: "决定", flow.Certificate: "制证", flow.Deliver: "送达",
}

// flowSkeleton is the shortest lawful flow, with the first post of the agency that may do each step.
func (s *Service) flowSkeleton(ctx context.Context, it item.Item, key string) flow.Definition {
	posts := s.org.Posts(ctx, it.Agency)
	d := flow.Definition{Key: key, Name: it.Name, Separate: it.Separate}
	for _, kind := range []string{flow.Receive, flow.Accept, flow.Review, flow.Decide, flow.Certificate, flow.Deliver} {
		st := flow.Step{Key: kind, Name: stepNames[kind], Kind: kind}
		for _, p := range posts {
			if slices.Contains(p.Acts, kind) {
				st.Post = p.Key
				break
			}
		}
		d.Steps = append(d.Steps, st)
	}
	return d
}

// paperWords are the title, the mark of the number and the sentence of each act's paper.
var paperWords = map[string][3]string{
	paper.Accept:           {"受理通知书", "受", "你（单位）提出的“{{item}}”申请，经审查符合规定，本机关决定予以受理。"},
	paper.Correction:       {"补正材料告知书", "补", "你（单位）提出的“{{item}}”申请，材料需要补正，请一次补齐：{{defects}}"},
	paper.RefuseAcceptance: {"不予受理决定书", "不受", "你（单位）提出的“{{item}}”申请，本机关决定不予受理。理由：{{reason}}"},
	paper.Grant:            {"准予决定书", "准", "你（单位）提出的“{{item}}”申请，本机关于{{accepted_cn}}受理。经审核，符合{{basis}}的规定，决定准予。"},
	paper.Refuse:           {"不予决定书", "不准", "你（单位）提出的“{{item}}”申请，本机关于{{accepted_cn}}受理。经审核，决定不予准予。理由：{{reason}}"},
	paper.Delivery:         {"送达回证", "达", "“{{item}}”的办理结果已送达。结果：{{result}}"},
	paper.Receipt:          {"收件凭证", "收", "收到你（单位）提出的“{{item}}”申请。材料：{{materials}}"},
	paper.Inspection:       {"现场核查记录", "查", "对“{{item}}”申请进行了现场核查。"},
	paper.Suspend:          {"特别程序所需时间告知书", "特", "你（单位）提出的“{{item}}”申请，需要进行{{reason}}。所需时间为{{limit}}，不计算在办理期限内。"},
	paper.Extend:           {"延长办理期限告知书", "延", "你（单位）提出的“{{item}}”申请，因{{reason}}，办理期限延长{{limit}}。"},
	paper.Terminate:        {"终止办理通知书", "终", "你（单位）提出的“{{item}}”申请，因{{reason}}，本机关决定终止办理。{{remedies}}"},
	paper.Lapse:            {"逾期未补正结案通知书", "结", "你（单位）提出的“{{item}}”申请，逾期没有补正，本次申请不再办理。{{remedies}}"},
	paper.Transfer:         {"移送办理告知书", "移", "你（单位）提出的“{{item}}”申请，已移送{{right_authority}}办理。"},
}

func paperSkeleton(it item.Item, key, act string) paper.Template {
	w := paperWords[act]
	title := it.Name + w[0]
	t := paper.Template{Key: key, Act: act, ItemTypes: []string{}, Title: title, Number: "{mark}" + w[1] + "〔{year}〕{n}号"}
	t.Layout = pdf.Layout{Title: title, Paper: "A4", Blocks: []pdf.Block{
		{Kind: "title", Text: "{{agency}}"},
		{Kind: "title", Text: title},
		{Kind: "number", Text: "{{number}}"},
		{Kind: "para", Text: "{{applicant}}：", Align: "left"},
		{Kind: "para", Text: w[2]},
	}}
	if act == paper.Refuse || act == paper.RefuseAcceptance {
		t.Layout.Blocks = append(t.Layout.Blocks, pdf.Block{Kind: "para", Text: "{{remedies}}"})
	}
	t.Layout.Blocks = append(t.Layout.Blocks, pdf.Block{Kind: "para", Text: "办件编号：{{case_no}}，查询码：{{query_code}}。咨询电话：{{phone}}。"},
		pdf.Block{Kind: "sign", Text: "{{agency}}\n{{date_cn}}", Seal: true, Purpose: "行政审批专用章"})
	return t
}

// licenceSkeleton is a licence with its holder, its term and what a print must show.
func (s *Service) licenceSkeleton(ctx context.Context, it item.Item, key string) licence.Type {
	name := it.Result.Name
	if name == "" {
		name = it.Name + "证"
	}
	t := licence.Type{Key: key, Name: name, Holder: licence.Firm, Number: "{region}{year}{seq:6}{check}", IssuedHere: true, Trust: "A"}
	t.Validity = licence.Validity{Years: it.Validity.Years}
	if slices.Contains(it.Audience, "1") {
		t.Holder = licence.Person
	}
	if g, err := s.org.Agency(ctx, it.Agency); err == nil {
		t.Code, t.Definer = g.Code+"001", g.Name
	}
	t.Fields = []licence.Field{{Key: "holder_name", Label: "持有人", From: "applicant.name"}, {Key: "valid_until", Label: "有效期至", From: "licence.valid_until"}}
	t.Layout = pdf.Layout{Title: name, Paper: "A4", NoPageNumbers: true, Blocks: []pdf.Block{
		{Kind: "qr", QR: "{{verify_url}}", Text: "扫码查真伪", X: 160, Y: 14, W: 26},
		{Kind: "title", Text: name},
		{Kind: "number", Text: "{{number}}"},
		{Kind: "kv", Widths: []float64{2, 5}, Rows: [][]string{{"持有人", "{{holder_name}}"}, {"有效期", "{{valid_from}}至{{valid_until}}"}, {"证照标识", "{{licence_id}}"}}},
		{Kind: "sign", Text: "{{agency}}\n{{issued}}", Seal: true, Purpose: "行政审批专用章"},
	}}
	return t
}

// name lets an item point at a new definition; false when it does not.
func name(it *item.Item, k Kind, key string, v any) bool {
	switch k {
	case FormFile:
		it.Form = key
	case FlowFile:
		it.Flow = key
	case LicenceFile:
		it.Result.LicenceType, it.Result.Kind = key, "licence"
		if t, ok := v.(licence.Type); ok && strings.TrimSpace(it.Result.Name) == "" {
			it.Result.Name = t.Name
		}
	case TableFile:
		it.Tables = append(slices.Clone(it.Tables), key)
	case PaperFile:
		t, ok := v.(paper.Template)
		if !ok {
			return false
		}
		papers := map[string]string{t.Act: key}
		for act, p := range it.Papers {
			if act != t.Act {
				papers[act] = p
			}
		}
		it.Papers = papers
	default:
		return false
	}
	return true
}
