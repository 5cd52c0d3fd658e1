package rating

import (
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"tongban/internal/base/errs"
)

// The grades of 国办发〔2019〕51号, numbered from the best: 1 非常满意, 2 满意, 3 基本满意, 4 不满意, 5 非常不满意.
const (
	Best  = 1
	Worst = 5
)

// Bad reports whether a grade is a 差评, which the agency must answer.
func Bad(grade int) bool { return grade >= 4 }

// MaxText is the longest text of a rating, in characters.
const MaxText = 500

// Input is what a person says about a contact.
type Input struct {
	Grade int
	Tags  []string
	Text  string
	Via   string // pc or mobile
}

// Given is a rating as its own rater sees it again.
type Given struct {
	ID    string
	Grade int
	Tags  []string
	Text  string
	At    time.Time
}

// check cleans an input for a contact; the error is rating.invalid with the fields grade, tags and text.
func (in Input) check(c Channel) (Input, error) {
	var fs []errs.Field
	if in.Grade < Best || in.Grade > Worst {
		fs = append(fs, errs.Field{Path: "grade", Key: "rating.grade_missing"})
	}
	in.Text = strings.TrimSpace(strings.ReplaceAll(in.Text, "\r\n", "\n"))
	if n := utf8.RuneCountInString(in.Text); n > MaxText {
		fs = append(fs, errs.Field{Path: "text", Key: "rating.text_long", Params: errs.P{"n": n, "max": MaxText}})
	}
	if !utf8.ValidString(in.Text) {
		fs = append(fs, errs.Field{Path: "text", Key: "rating.text_broken"})
	}
	kept, ok := fitting(c, in.Grade, in.Tags)
	if !ok {
		fs = append(fs, errs.Field{Path: "tags", Key: "rating.tag_unknown"})
	}
	in.Tags = kept
	if in.Via != "mobile" {
		in.Via = "pc"
	}
	return in, errs.Fields("rating.invalid", fs)
}

// longNumber is anything that could be a number by which somebody is known: an ID, a telephone, a case number.
var longNumber = regexp.MustCompile(`[0-9０-９](?:[ -]?[0-9０-９Xx]){5,}`)

// shown is a rater's text as staff may read it: numbers that could name somebody are covered.
func shown(text string) string { return longNumber.ReplaceAllString(text, "******") }
