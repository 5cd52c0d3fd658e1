// Package i18n holds every text a person reads, in Chinese and English, one pair of files a room under texts/. The language travels in
// the context. A key that is missing in one language is found by the tests; at run time it falls back to Chinese, then to the key itself.
package i18n
