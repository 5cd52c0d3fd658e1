package pdf

// Cell measures in points.
const (
	cellSize = 12.0
	cellLine = cellSize * 1.5
	cellPadX = 6.0
	cellPadY = 4.0
	ruled    = "#404040"
	shade    = "#f2f2f2"
)

// tableRow is one row with its cells already broken into lines.
type tableRow struct {
	cells [][]string
	lines int
}

// table draws ruled rows. A row moves to the next page whole when it fits there, and is divided only when it is longer than a page.
func (c *canvas) table(b Block, head bool) error {
	size := b.sizeOr(cellSize)
	cols := columns(b, c.textWidth(), head)
	if len(cols) == 0 {
		return nil
	}
	if c.y > marginTop {
		c.y += size * 0.5
	}
	var top *tableRow
	for i, row := range b.Rows {
		r := c.setRow(row, cols, size)
		if i == 0 && head {
			top = &r
			c.need(rowHeight(r.lines, size) + rowHeight(1, size))
			c.drawRow(r, 0, r.lines, cols, size, func(int) bool { return true })
			continue
		}
		c.flowRow(r, top, cols, size, func(col int) bool { return !head && col%2 == 0 })
	}
	c.y += size * 0.6
	return nil
}

func rowHeight(lines int, size float64) float64 { return float64(lines)*size*1.5 + 2*cellPadY }

// columns gives the widths: as asked for, or equal for tables, or narrow labels for pairs.
func columns(b Block, total float64, head bool) []float64 {
	n := 0
	for _, row := range b.Rows {
		n = max(n, len(row))
	}
	rel := b.Widths
	if len(rel) != n {
		rel = make([]float64, n)
		for i := range rel {
			rel[i] = 1
			if !head && i%2 == 1 {
				rel[i] = map[bool]float64{true: 3, false: 1.7}[n <= 2]
			}
		}
	}
	sum := 0.0
	for _, r := range rel {
		sum += r
	}
	out := make([]float64, n)
	for i, r := range rel {
		out[i] = total * r / sum
	}
	return out
}

func (c *canvas) setRow(row []string, cols []float64, size float64) tableRow {
	r := tableRow{lines: 1}
	for i, cell := range row {
		w := cols[i]
		if i == len(row)-1 { // a short row's last cell takes the rest
			for _, more := range cols[i+1:] {
				w += more
			}
		}
		ls := breakLines(cell, w-2*cellPadX, 0, c.measure(size))
		r.cells = append(r.cells, ls)
		r.lines = max(r.lines, len(ls))
	}
	return r
}

func (c *canvas) flowRow(r tableRow, top *tableRow, cols []float64, size float64, label func(int) bool) {
	next := func() {
		c.newPage()
		if top != nil {
			c.drawRow(*top, 0, top.lines, cols, size, func(int) bool { return true })
		}
	}
	full := c.h - marginEnd - marginTop
	if top != nil {
		full -= rowHeight(top.lines, size)
	}
	if left := c.h - marginEnd - c.y; rowHeight(r.lines, size) > left && (rowHeight(r.lines, size) <= full || left < rowHeight(3, size)) {
		next()
	}
	for from := 0; from < r.lines; {
		n := max(1, min(r.lines-from, int((c.h-marginEnd-c.y-2*cellPadY)/(size*1.5))))
		c.drawRow(r, from, from+n, cols, size, label)
		if from += n; from < r.lines {
			next()
		}
	}
}

// drawRow draws lines from…to of each cell.
func (c *canvas) drawRow(r tableRow, from, to int, cols []float64, size float64, label func(int) bool) {
	h := rowHeight(to-from, size)
	x := marginX
	for i, ls := range r.cells {
		w := cols[i]
		if i == len(r.cells)-1 {
			w = marginX + c.textWidth() - x
		}
		if label(i) {
			c.rect(x, c.y, w, h, 0, shade, "f")
		}
		c.rect(x, c.y, w, h, 0.6, ruled, "S")
		shown := ls[min(from, len(ls)):min(to, len(ls))]
		y := c.y + cellPadY + float64(to-from-len(shown))*size*0.75 // centred upright
		for _, s := range shown {
			c.line(x+cellPadX, y, w-2*cellPadX, size*1.5, s, "left", style{size: size, bold: label(i)})
			y += size * 1.5
		}
		x += w
	}
	c.y += h
}
