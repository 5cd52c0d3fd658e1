package catalog

import (
	"strings"
	"sync"
	"unicode"

	"github.com/mozillazg/go-pinyin"
)

// maxQuery is how many runes of a query are read; the rest cannot make the answer better.
const maxQuery = 200

// fold makes texts comparable: full-width forms become ASCII, letters small, everything that is neither letter nor digit a blank. Traditional
// characters stay as they are.
func fold(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= '！' && r <= '～' {
			r -= '！' - '!'
		}
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			return ' '
		}
		return unicode.ToLower(r)
	}, strings.ToValidUTF8(s, " "))
}

// queryText folds a query and cuts it to what is read.
func queryText(q string) string {
	rs := []rune(q)
	return strings.Join(strings.Fields(fold(string(rs[:min(len(rs), maxQuery)]))), " ")
}

// readings are names whose usual reading differs from that of their single characters.
var readings = strings.NewReplacer("重庆", "虫庆", "长春", "常春", "长沙", "常沙", "银行", "银航", "行业", "航业", "会计", "快计", "重新", "虫新", "长期", "常期")

var pinyinArgs = func() pinyin.Args {
	a := pinyin.NewArgs()
	a.Style = pinyin.Tone3
	a.Fallback = func(r rune, _ pinyin.Args) []string { return []string{string(r)} }
	return a
}()

// sortBytes is how much of the pinyin of a name orders lists: some ten characters. Names that begin alike stand in the order of their keys; a whole
// reading would double the size of the index.
const sortBytes = 64

// readNames are the sort keys of names read lately: in a list of millions names repeat, and reading one takes twenty microseconds.
var readNames = struct {
	sync.RWMutex
	key map[string]string
}{key: map[string]string{}}

// mostNames is how many names are remembered before all are forgotten.
const mostNames = 50_000

// pinyinKey sorts Chinese the way a dictionary does. It is never empty: an empty key marks a row that is not filled in yet.
func pinyinKey(name string) string {
	readNames.RLock()
	key, ok := readNames.key[name]
	readNames.RUnlock()
	if ok {
		return key
	}
	key = readName(name)
	readNames.Lock()
	defer readNames.Unlock()
	if len(readNames.key) >= mostNames {
		clear(readNames.key)
	}
	readNames.key[name] = key
	return key
}

func readName(name string) string {
	var b strings.Builder
	for _, p := range pinyin.LazyPinyin(readings.Replace(fold(name)), pinyinArgs) {
		if b.Len() >= sortBytes {
			break
		}
		b.WriteString(p)
		b.WriteByte(' ')
	}
	if b.Len() == 0 {
		return " "
	}
	return b.String()
}
