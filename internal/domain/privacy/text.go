package privacy

import "tongban/internal/base/i18n"

// textsOf turns text keys into Chinese words, for files and other systems; what is no key stays.
func textsOf(keys []string) []string {
	out := make([]string, 0, len(keys))
	for _, k := range keys {
		if i18n.Has(k) {
			k = i18n.In(i18n.Chinese, k)
		}
		out = append(out, k)
	}
	return out
}
