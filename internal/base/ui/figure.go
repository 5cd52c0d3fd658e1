package ui

import (
	"strconv"
	"strings"

	"rsc.io/qr"
)

// barWidth gives a bar's share of the longest one in hundredths; a value over zero is never invisible.
func barWidth(b Bar, all []Bar) string {
	longest := 0.0
	for _, o := range all {
		longest = max(longest, o.Value)
	}
	if longest <= 0 || b.Value <= 0 {
		return "0"
	}
	return strconv.FormatFloat(max(b.Value/longest*100, 0.5), 'f', 1, 64)
}

// quiet is the white border a reader needs around a QR code, in modules (ISO/IEC 18004).
const quiet = 4

// qrPath draws the dark modules of a QR code as one SVG path, and gives the side in modules. ok is false if the content is too long.
func qrPath(content string) (path string, side int, ok bool) {
	code, err := qr.Encode(content, qr.M)
	if err != nil {
		return "", 0, false
	}
	var b strings.Builder
	for y := range code.Size {
		for x := 0; x < code.Size; x++ {
			if !code.Black(x, y) {
				continue
			}
			from := x
			for x < code.Size && code.Black(x, y) {
				x++
			}
			b.WriteString("M" + num(from+quiet) + " " + num(y+quiet) + "h" + num(x-from) + "v1h-" + num(x-from) + "z")
		}
	}
	return b.String(), code.Size + 2*quiet, true
}
