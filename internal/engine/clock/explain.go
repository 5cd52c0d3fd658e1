package clock

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode/utf8"

	"tongban/internal/base/errs"
)

// maxLine is the longest line Explain reads, in bytes.
const maxLine = 1 << 20

// question is one line of input; each part is read on its own, so that a wrong one is named and the id still returned.
type question struct {
	ID    json.RawMessage `json:"id"`
	From  json.RawMessage `json:"from"`
	Days  json.RawMessage `json:"days"`
	Unit  json.RawMessage `json:"unit"`
	Stops json.RawMessage `json:"stops"`
}

type dueAnswer struct {
	ID          json.RawMessage `json:"id"`
	Due         string          `json:"due"`
	Counted     int             `json:"counted"`
	Provisional bool            `json:"provisional"`
	Skipped     []Skip          `json:"skipped"`
}

type pausedAnswer struct {
	ID     json.RawMessage `json:"id"`
	Paused bool            `json:"paused"`
	Left   int             `json:"left"`
}

type errorAnswer struct {
	ID    json.RawMessage `json:"id"`
	Error string          `json:"error"`
}

// Explain reads JSON lines {"id","from","days","unit","stops":[{"from","to"}]} and writes one line for each: {"id","due","counted",
// "provisional","skipped":[{"date","why"}]}, or {"id","paused":true,"left"} while a stop is open, or {"id","error"} when the line cannot
// be used. Instants are RFC 3339 with any offset (seconds may be left out); a stop without to is open; from is the day of the event. Blank lines are
// passed over, lines over 1 MB are answered with an error. Explain itself fails only when reading or writing does.
func Explain(r io.Reader, w io.Writer, cal Calendar) error {
	in, out := bufio.NewReaderSize(r, 64<<10), bufio.NewWriter(w)
	enc := json.NewEncoder(out)
	enc.SetEscapeHTML(false)
	for {
		line, tooLong, err := readLine(in)
		if err != nil && !errors.Is(err, io.EOF) {
			return errors.Join(fmt.Errorf("clock: read: %w", err), out.Flush())
		}
		if len(line) > 0 || tooLong {
			if encErr := enc.Encode(answer(line, tooLong, cal)); encErr != nil {
				return fmt.Errorf("clock: write: %w", encErr)
			}
		}
		if err != nil || in.Buffered() == 0 { // nothing more is waiting: let the reader see what there is
			if flushErr := out.Flush(); flushErr != nil {
				return fmt.Errorf("clock: write: %w", flushErr)
			}
		}
		if err != nil {
			return nil
		}
	}
}

// readLine gives one line without surrounding blanks; of a line that is too long nothing is kept.
func readLine(in *bufio.Reader) (line []byte, tooLong bool, err error) {
	for {
		part, err := in.ReadSlice('\n')
		if !tooLong {
			line = append(line, part...)
			if len(bytes.TrimRight(line, "\r\n")) > maxLine {
				line, tooLong = nil, true
			}
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return bytes.TrimSpace(bytes.TrimPrefix(line, []byte("\ufeff"))), tooLong, err
		}
	}
}

func answer(line []byte, tooLong bool, cal Calendar) any {
	var q question
	if tooLong {
		return errorAnswer{Error: words(errs.New(errs.Invalid, "clock.line_too_long"))}
	}
	if !utf8.Valid(line) || line[0] != '{' || json.Unmarshal(line, &q) != nil {
		return errorAnswer{Error: words(errs.New(errs.Invalid, "clock.line_json"))}
	}
	from, p, stops, err := q.parts()
	if err != nil {
		return errorAnswer{q.ID, words(err)}
	}
	res, err := Deadline(from, p, stops, cal)
	switch {
	case err != nil:
		return errorAnswer{q.ID, words(err)}
	case res.Paused:
		return pausedAnswer{q.ID, true, res.Left}
	}
	return dueAnswer{q.ID, res.Due.Format(time.RFC3339), res.Counted, res.Provisional, res.Skipped}
}

func (q question) parts() (from time.Time, p Period, stops []Stop, err error) {
	if from, err = instant(q.From); err != nil {
		return from, p, nil, err
	}
	if len(q.Days) == 0 || bytes.Equal(q.Days, []byte("null")) || json.Unmarshal(q.Days, &p.N) != nil {
		return from, p, nil, errs.New(errs.Invalid, "clock.days_number")
	}
	if json.Unmarshal(q.Unit, &p.Unit) != nil {
		return from, p, nil, errs.New(errs.Invalid, "clock.unit_unknown", errs.P{"unit": string(q.Unit)})
	}
	var raw []struct{ From, To json.RawMessage }
	if len(q.Stops) > 0 && json.Unmarshal(q.Stops, &raw) != nil {
		return from, p, nil, errs.New(errs.Invalid, "clock.stops_list")
	}
	for _, s := range raw {
		var stop Stop
		if stop.From, err = instant(s.From); err != nil {
			return from, p, nil, err
		}
		if stop.To, err = instant(s.To); err != nil {
			return from, p, nil, err
		}
		stops = append(stops, stop)
	}
	return from, p, stops, nil
}

// instant reads an RFC 3339 string; absent, null and "" give the zero time.
func instant(raw json.RawMessage) (time.Time, error) {
	var s string
	if len(raw) == 0 {
		return time.Time{}, nil
	}
	if json.Unmarshal(raw, &s) != nil {
		return time.Time{}, errs.New(errs.Invalid, "clock.instant", errs.P{"value": string(raw)})
	}
	if s == "" {
		return time.Time{}, nil
	}
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04Z07:00"} {
		if t, err := time.Parse(layout, s); err == nil {
			return t, nil
		}
	}
	return time.Time{}, errs.New(errs.Invalid, "clock.instant", errs.P{"value": s})
}

// words puts an error of this package into the words a person at the command line reads. Pages use the same texts from their dictionary;
// the command has none, and a test keeps the two alike.
func words(err error) string {
	e := errs.As(err)
	if e == nil {
		return err.Error()
	}
	text := texts[e.Key]
	for name, value := range e.Params {
		v := []rune(fmt.Sprint(value))
		if len(v) > 60 {
			v = append(v[:60], '…')
		}
		text = strings.ReplaceAll(text, "{"+name+"}", string(v))
	}
	return text
}

var texts = map[string]string{
	"clock.days_number":   "缺少时限长度，或它不是整数，请在 days 中填写大于 0 的整数",
	"clock.days_range":    "时限长度 {days} 不能使用，请填写 1 到 {max} 之间的整数",
	"clock.from_missing":  "缺少起算时间，请在 from 中填写，例如 2026-02-10T15:00:00+08:00",
	"clock.instant":       "时间“{value}”无法识别，请写明日期、时刻和时区，例如 2026-02-10T15:00:00+08:00",
	"clock.line_json":     "这一行不是有效的 JSON 对象，请检查后重试",
	"clock.line_too_long": "这一行超过 1 MB，请拆短后重试",
	"clock.no_workday":    "日历中没有可以计算的工作日，请检查工作日历",
	"clock.stop_from":     "有一段停止计时没有开始时间，请补填",
	"clock.stop_order":    "有一段停止计时的结束时间早于开始时间，请更正",
	"clock.stops_list":    "停止计时的写法有误，请写成列表，每段含 from 和 to",
	"clock.unit_unknown":  "时限单位“{unit}”无法识别，请使用 workday（工作日）、naturalday（自然日）、month（月）或 hour（小时）",
	"clock.year_range":    "时间超出可计算的范围，请填写 {min} 年到 {max} 年之间的时间",
}
