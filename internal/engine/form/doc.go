// Package form is the one form engine: from one definition come what is asked and when, the normalising and checking of answers, the posted
// HTML form, the view a template renders, the check-answers and desk rows, the difference of two versions and a JSON Schema.
// It owns no tables and no events and does no I/O; the rooms catalog, cases and pack call it. Go decides; the browser only shows and hides.
//
// Canonical answers: text, dates (YYYY-MM-DD), numbers (plain decimals) and chosen values are strings; money is int64 fen; yesno and
// declaration are bool; checkbox is []string; date_range is {"from","to"}; a table is []map[string]any with "_id" in each row. What a person
// typed wrongly stays in the answers as the string they typed, so that nothing is lost, and Validate says what is wrong with it.
package form
