package paper

import (
	"time"

	"tongban/internal/engine/pdf"
	"tongban/internal/engine/seal"
)

// Keys gives the signing keys of agencies; *Keyring is one, a hardware module's another.
type Keys interface {
	Signer(agency string) (seal.Signer, error)
	Test() bool // test keys: everything made with them says 测试
}

// Print is a document to render and sign. Empty texts and purposes of seal blocks become the agency's.
type Print struct {
	Layout                pdf.Layout
	Values                map[string]string
	Agency                string // key, whose signing key is used
	SealName, SealPurpose string
	Meta                  pdf.Meta
	Info                  seal.Info
	Test                  bool
}

// TestMark is the watermark of everything that is not for real.
const TestMark = "测试"

// Produce renders and signs. It returns the errors of pdf.Fill, pdf.Render and seal.SignPDF, and those of the keys.
func Produce(k Keys, p Print, at time.Time) ([]byte, error) {
	filled, err := pdf.Fill(p.Layout, p.Values)
	if err != nil {
		return nil, err
	}
	if filled.Title == "" {
		filled.Title = p.Meta.Title
	}
	if p.Test || k.Test() {
		filled.Watermark = TestMark
		p.Info.Test = true
	}
	for i, b := range filled.Blocks {
		filled.Blocks[i] = stamp(b, p)
		filled.Blocks[i].Test = b.Test || p.Info.Test
	}
	out, err := pdf.Render(filled, p.Meta)
	if err != nil {
		return nil, err
	}
	signer, err := k.Signer(p.Agency)
	if err != nil {
		return nil, err
	}
	return seal.SignPDF(out, signer, at, p.Info)
}

// stamp completes a seal.
func stamp(b pdf.Block, p Print) pdf.Block {
	if b.Kind != "seal" && !b.Seal {
		return b
	}
	if b.Kind == "seal" && b.Text == "" {
		b.Text = p.SealName
	}
	if b.Purpose == "" {
		b.Purpose = p.SealPurpose
	}
	return b
}
