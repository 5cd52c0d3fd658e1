package pdf

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	_ "image/png" // pictures may be PNG
	"strings"

	"github.com/emmansun/gmsm/sm3"
	"rsc.io/qr"

	"tongban/internal/base/errs"
)

// maxPixels keeps one picture from filling the memory: 16 megapixels are 64 MB while it is drawn.
const maxPixels = 16 << 20

func (f *face) sealPicture(r float64, agency, purpose string, test bool) []byte {
	var w bytes.Buffer
	f.drawSeal(&w, r, agency, purpose, test)
	return w.Bytes()
}

// box gives the place of a picture in points: fixed, or flowing with its caption.
func (c *canvas) box(b Block, w, h, caption float64) (x, y float64) {
	if b.fixed() {
		return b.X * mm, b.Y * mm
	}
	c.need(h + caption)
	x = marginX
	switch b.Align {
	case "center":
		x = (c.w - w) / 2
	case "right":
		x = c.w - marginX - w
	}
	y = c.y
	c.y += h + caption
	return x, y
}

// drawQR draws a QR code with error correction M as filled rectangles, with the quiet zone of four modules the standard asks for.
func drawQR(c *canvas, b Block) error {
	code, err := qr.Encode(b.QR, qr.M)
	if err != nil {
		return errs.Wrap(err, errs.Invalid, "pdf.bad_qr")
	}
	side := 28 * mm
	if b.W > 0 {
		side = b.W * mm
	}
	st := style{size: b.sizeOr(9), color: b.Color}
	var caption []string
	if b.Text != "" {
		caption = breakLines(b.Text, side*1.4, 0, c.measure(st.size))
	}
	x, y := c.box(b, side, side, float64(len(caption))*st.size*1.4)
	unit := side / float64(code.Size+8)
	w := c.page()
	w.WriteString("q 0 0 0 rg\n")
	for row := range code.Size {
		for col := 0; col < code.Size; col++ {
			from := col
			for col < code.Size && code.Black(col, row) {
				col++
			}
			if col > from {
				nums(w, x+unit*float64(from+4), c.h-y-unit*float64(row+5), unit*float64(col-from), unit)
				w.WriteString("re\n")
			}
		}
	}
	w.WriteString("f Q\n")
	for i, s := range caption {
		c.line(x-side*0.2, y+side+float64(i)*st.size*1.4, side*1.4, st.size*1.4, s, "center", st)
	}
	return nil
}

// drawImage draws a JPEG or PNG into W × H (H follows from W when it is 0). The picture is encoded anew: what a camera wrote into the file,
// place and time among it, does not travel with the paper.
func drawImage(c *canvas, b Block) error {
	conf, _, err := image.DecodeConfig(bytes.NewReader(b.Image))
	if err != nil || conf.Width <= 0 || conf.Height <= 0 {
		return errs.Wrap(err, errs.Invalid, "pdf.bad_image")
	}
	if conf.Width > maxPixels/conf.Height {
		return errs.New(errs.Invalid, "pdf.image_too_large", errs.P{"pixels": maxPixels >> 20})
	}
	img, kind, err := image.Decode(bytes.NewReader(b.Image))
	if err != nil {
		return errs.Wrap(err, errs.Invalid, "pdf.bad_image")
	}
	w := b.W * mm
	if w <= 0 {
		w = 25 * mm
	}
	h := b.H * mm
	if h <= 0 {
		h = w * float64(conf.Height) / float64(conf.Width)
	}
	sum := sm3.Sum(b.Image)
	name := fmt.Sprintf("I%x", sum[:6])
	if _, ok := c.forms[name]; !ok {
		if c.forms[name], err = c.addImage(img, kind); err != nil {
			return err
		}
	}
	x, y := c.box(b, w, h, 0)
	c.show(name, w, h, x, y+h)
	return nil
}

func (c *canvas) addImage(img image.Image, kind string) (int, error) {
	r := img.Bounds()
	flat := image.NewRGBA(image.Rect(0, 0, r.Dx(), r.Dy()))
	draw.Draw(flat, flat.Bounds(), image.NewUniform(color.White), image.Point{}, draw.Src)
	draw.Draw(flat, flat.Bounds(), img, r.Min, draw.Over)
	dict := fmt.Sprintf("/Type/XObject/Subtype/Image/Width %d/Height %d/ColorSpace/DeviceRGB/BitsPerComponent 8", r.Dx(), r.Dy())
	if kind == "jpeg" {
		var out bytes.Buffer
		if err := jpeg.Encode(&out, flat, &jpeg.Options{Quality: 90}); err != nil {
			return 0, err
		}
		return c.file.addRaw(dict+"/Filter/DCTDecode", out.Bytes()), nil
	}
	var raw strings.Builder
	raw.Grow(3 * r.Dx() * r.Dy())
	for i := 0; i+3 < len(flat.Pix); i += 4 {
		raw.Write(flat.Pix[i : i+3])
	}
	return c.file.addStream(dict, []byte(raw.String())), nil
}
