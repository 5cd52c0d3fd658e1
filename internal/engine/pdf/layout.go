package pdf

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"tongban/internal/base/errs"
)

// Layout is a paper or a licence as data: a template before Fill, a document afterwards. Lengths are millimetres, type sizes points.
type Layout struct {
	Title         string  `json:"title"`
	Paper         string  `json:"paper"`                     // A4 (default), or A4L for landscape
	Blocks        []Block `json:"blocks"`                    // drawn in order; those with X or Y stand where they say on the current page
	Watermark     string  `json:"watermark,omitempty"`       // on every page, e.g. 测试
	NoPageNumbers bool    `json:"no_page_numbers,omitempty"` // for one-page licences
}

// Block is one piece of a layout. Kinds:
//
//	title, subtitle   centred headings
//	number            document number 文号 (Align default right)
//	para              paragraphs, one per line of Text, first line indented by two characters unless Align is set (left, center, right)
//	list              numbered points, one per line of Text or first cell of Rows
//	kv                ruled pairs of label and value (Rows of 2 or 4 cells)
//	table             ruled table, the first row is the head and is repeated on each page
//	sign              agency and date (lines of Text) at the right; Seal puts the agency's seal on it
//	seal              the agency's seal alone: Text is the agency, Purpose e.g. 行政审批专用章
//	qr                QR code of the text in QR, caption in Text
//	image             JPEG or PNG in Image
//	field             Text at X, Y, wrapped into W and shrunk until it fits H
//	frame             double border X, Y, W, H
//	rule, spacer      a line; empty space of height H
type Block struct {
	Kind    string     `json:"kind"`
	Text    string     `json:"text,omitempty"`
	Rows    [][]string `json:"rows,omitempty"`
	Widths  []float64  `json:"widths,omitempty"` // relative widths of columns
	X       float64    `json:"x,omitempty"`
	Y       float64    `json:"y,omitempty"`
	W       float64    `json:"w,omitempty"`
	H       float64    `json:"h,omitempty"`
	Size    float64    `json:"size,omitempty"`
	Align   string     `json:"align,omitempty"` // left, center, right
	Bold    bool       `json:"bold,omitempty"`
	Color   string     `json:"color,omitempty"` // #rrggbb
	QR      string     `json:"qr,omitempty"`
	Image   []byte     `json:"image,omitempty"`
	Seal    bool       `json:"seal,omitempty"`
	Purpose string     `json:"purpose,omitempty"`
	Test    bool       `json:"test,omitempty"` // the seal carries 测试 in its middle
	If      string     `json:"if,omitempty"`   // Fill drops the block when this value is empty
}

// Meta goes into the information dictionary. Equal layouts with equal Meta give equal bytes.
type Meta struct {
	Title, Author, Subject string
	Created                time.Time
	ID                     string // any text that is unique to the document; becomes the file identifier
}

var placeholder = regexp.MustCompile(`\{\{\s*([^{}\s]+)\s*\}\}`)

// Fill puts values into a template: {{name}} in Title, Watermark, Text, Purpose, Rows and QR. The template is not changed. It returns
// errs.Invalid "pdf.missing_value" with one field per name that has no value; an empty value is a value.
func Fill(template Layout, values map[string]string) (Layout, error) {
	missing := map[string]bool{}
	put := func(s string) string {
		return placeholder.ReplaceAllStringFunc(s, func(m string) string {
			name := placeholder.FindStringSubmatch(m)[1]
			v, ok := values[name]
			if !ok {
				missing[name] = true
			}
			return v
		})
	}
	out := template
	out.Title, out.Watermark = put(template.Title), put(template.Watermark)
	out.Blocks = make([]Block, 0, len(template.Blocks))
	for _, b := range template.Blocks {
		if b.If != "" && values[b.If] == "" {
			continue
		}
		b.Text, b.QR, b.Purpose = put(b.Text), put(b.QR), put(b.Purpose)
		rows := make([][]string, len(b.Rows))
		for i, row := range b.Rows {
			for _, cell := range row {
				rows[i] = append(rows[i], put(cell))
			}
		}
		b.Rows = rows
		out.Blocks = append(out.Blocks, b)
	}
	if len(missing) == 0 {
		return out, nil
	}
	names := slices.Sorted(maps.Keys(missing))
	e := errs.New(errs.Invalid, "pdf.missing_value", errs.P{"names": strings.Join(names, ", ")})
	for _, n := range names {
		e.Fields = append(e.Fields, errs.Field{Path: n, Key: "pdf.missing_value_field", Params: errs.P{"name": n}})
	}
	return Layout{}, e
}

// texts gives every text of the layout that will be drawn.
func (l Layout) texts() string {
	var b strings.Builder
	b.WriteString(l.Watermark)
	for _, k := range l.Blocks {
		b.WriteString(k.Text + k.Purpose)
		for _, row := range k.Rows {
			b.WriteString(strings.Join(row, ""))
		}
	}
	return b.String()
}
