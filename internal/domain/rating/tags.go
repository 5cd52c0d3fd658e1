package rating

import "slices"

// TagsVersion names the lists below; a rating keeps the version it was given with, so that old ratings keep their words.
const TagsVersion = "2026-1"

// tags are the words of a rating by channel: online 办事效率, 指南精确度, 便捷度, 平台操作性; at the window 服务效率, 水平, 态度.
var tags = map[Channel]struct{ good, bad []string }{
	Online: {
		good: []string{"fast", "guide_clear", "easy", "platform_easy"},
		bad:  []string{"slow", "guide_wrong", "troublesome", "platform_hard", "extra_material"},
	},
	Window: {
		good: []string{"fast", "skilled", "kind"},
		bad:  []string{"slow", "unskilled", "rude", "long_wait", "extra_material"},
	},
}

// TagsFor lists the tags that fit a grade: praise for 1 to 3, faults for 4 and 5. A tag's words are the text rating.tag_<tag>.
func TagsFor(c Channel, grade int) []string {
	if Bad(grade) {
		return tags[c].bad
	}
	return tags[c].good
}

// fitting keeps the tags that fit the grade, in the order of the list; ok is false if one is in no list at all.
func fitting(c Channel, grade int, given []string) (kept []string, ok bool) {
	for _, g := range given {
		if !slices.Contains(tags[c].good, g) && !slices.Contains(tags[c].bad, g) {
			return nil, false
		}
	}
	for _, t := range TagsFor(c, grade) {
		if slices.Contains(given, t) {
			kept = append(kept, t)
		}
	}
	return kept, true
}
