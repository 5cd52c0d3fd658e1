package list

import "slices"

// national are the codes of the exchange tables where ours are words (domain L9, L10 and the lists of materials). Codes that are the same on both sides are not
// listed. Provincial tables differ: an installation maps those before or after.
var national = map[string][][2]string{ // ours, theirs
	"unit":     {{"workday", "1"}, {"naturalday", "2"}, {"month", "3"}, {"hour", "4"}, {"workday", "G"}, {"naturalday", "Z"}},
	"result":   {{"licence", "10"}, {"approval", "20"}, {"receipt", "30"}, {"none", "99"}},
	"required": {{"yes", "1"}, {"no", "2"}, {"later", "3"}},
	"medium":   {{"paper", "1"}, {"electronic", "2"}, {"both", "3"}},
	"source":   {{"self", "10"}, {"licence", "20"}, {"generated", "99"}, {"self", "30"}},
}

func fromNational(list, code string) string {
	i := slices.IndexFunc(national[list], func(p [2]string) bool { return p[1] == code })
	if i < 0 {
		return code
	}
	return national[list][i][0]
}

func toNational(list, code string) string {
	i := slices.IndexFunc(national[list], func(p [2]string) bool { return p[0] == code })
	if i < 0 {
		return code
	}
	return national[list][i][1]
}
