package search

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"strings"
	"sync"
	"time"
	"unicode"

	"tongban/internal/base/db"
)

// What is looked for is worth knowing, who looks for it is nobody's business. A line of the log is a day, the normalised words, a region and one of 64
// buckets. The bucket is drawn from the sender's address with a secret that lives in the memory of a node for one day: it tells different people of a
// day apart well enough, and nobody can go back from it. Words are shown only when enough people used them (LeastPeople).
const (
	buckets     = 64
	LeastPeople = 3 // how many people must have used words before they are shown
	keepDays    = 400
	mostNotes   = 2000 // searches that wait to be written; more are not noted rather than waited for
)

// Asked is one search, to be noted.
type Asked struct {
	Result Result
	Found  int // items the person saw, where Result comes without its hits
	Region string
	Sender string // address of the network; it is never stored
	First  bool   // the first page; further pages are no new question
}

type noted struct {
	day, words, region string
	bucket             int
}

type clicked struct{ day, words, key string }

type tally struct{ asked, missed int }

// notes are what waits to be written.
type notes struct {
	mu      sync.Mutex
	asked   map[noted]tally
	clicked map[clicked]int
	day     string
	secret  [32]byte
}

func (n *notes) init() { n.asked, n.clicked = map[noted]tally{}, map[clicked]int{} }

// Note remembers that something was looked for. It never waits for the database.
func (s *Service) Note(a Asked) {
	words := a.Result.Words
	if !a.First || words == "" {
		return
	}
	n, day := &s.asked, s.now().Format(time.DateOnly)
	n.mu.Lock()
	defer n.mu.Unlock()
	k := noted{day, words, Stem(a.Region), n.bucket(day, a.Sender)}
	t, ok := n.asked[k]
	if !ok && len(n.asked) >= mostNotes {
		return
	}
	t.asked++
	if len(a.Result.Hits)+a.Found == 0 || a.Result.Loose || a.Result.Nearest {
		t.missed++
	}
	n.asked[k] = t
}

// Click remembers that an item was opened from a search for words (Result.Words).
func (s *Service) Click(words, key string) {
	words = strings.Join(loggable(strings.Fields(fold(words))), " ")
	if words == "" || key == "" || len(key) > 200 {
		return
	}
	n, day := &s.asked, s.now().Format(time.DateOnly)
	n.mu.Lock()
	defer n.mu.Unlock()
	if k := (clicked{day, words, key}); n.clicked[k] > 0 || len(n.clicked) < mostNotes {
		n.clicked[k]++
	}
}

// bucket draws a bucket from a sender with the secret of the day. Callers hold n.mu.
func (n *notes) bucket(day, sender string) int {
	if n.day != day {
		n.day = day
		_, _ = rand.Read(n.secret[:]) // it never fails
	}
	h := sha256.New()
	h.Write(n.secret[:])
	h.Write([]byte(sender))
	return int(h.Sum(nil)[0]) % buckets
}

// Flush writes what was noted and forgets lines older than 400 days. Call it every few seconds and at the end.
func (s *Service) Flush(ctx context.Context) error {
	n := &s.asked
	n.mu.Lock()
	asked, clicks := n.asked, n.clicked
	n.init()
	n.mu.Unlock()
	if len(asked)+len(clicks) == 0 {
		return nil
	}
	oldest := s.now().AddDate(0, 0, -keepDays).Format(time.DateOnly)
	return s.db.TxQueue(ctx, func(ctx context.Context, tx *db.Tx) error {
		for k, t := range asked {
			if _, err := tx.ExecContext(ctx, `INSERT INTO catalog_search_log (day, words, region, bucket, asked, missed) VALUES ($1, $2, $3, $4, $5, $6)
				ON CONFLICT (day, words, region, bucket) DO UPDATE SET asked = catalog_search_log.asked + excluded.asked, missed = catalog_search_log.missed + excluded.missed`,
				k.day, k.words, k.region, k.bucket, t.asked, t.missed); err != nil {
				return err
			}
		}
		for k, c := range clicks {
			if _, err := tx.ExecContext(ctx, `INSERT INTO catalog_search_click (day, words, key, n) VALUES ($1, $2, $3, $4)
				ON CONFLICT (day, words, key) DO UPDATE SET n = catalog_search_click.n + excluded.n`, k.day, k.words, k.key, c); err != nil {
				return err
			}
		}
		if _, err := tx.ExecContext(ctx, `DELETE FROM catalog_search_log WHERE day < $1`, oldest); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `DELETE FROM catalog_search_click WHERE day < $1`, oldest)
		return err
	})
}

// Missed is something people look for.
type Missed struct {
	Words  string
	Asked  int
	Missed int // times nothing matched all of the words
	People int // different buckets of days: about how many people asked, the same one on another day counted again
	Clicks int // times an item was opened from it
	Last   string
}

// Missed lists what people look for in a region and below it and do not find, most missed first. Words that fewer than three people used are left out.
func (s *Service) Missed(ctx context.Context, region string, since time.Time, limit int) ([]Missed, error) {
	return db.All(ctx, s.db.R(), func(r *db.Rows) (Missed, error) {
		var m Missed
		err := r.Scan(&m.Words, &m.Asked, &m.Missed, &m.People, &m.Last, &m.Clicks)
		return m, err
	}, `SELECT l.words, CAST(SUM(l.asked) AS BIGINT), CAST(SUM(l.missed) AS BIGINT), COUNT(*), MAX(l.day),
			COALESCE((SELECT CAST(SUM(c.n) AS BIGINT) FROM catalog_search_click c WHERE c.words = l.words AND c.day >= $1), 0)
		FROM catalog_search_log l WHERE l.day >= $1 AND l.region >= $2 AND l.region < $3
		GROUP BY l.words HAVING COUNT(*) >= $4 AND SUM(l.missed) > 0 ORDER BY SUM(l.missed) DESC, l.words LIMIT $5`,
		since.Format(time.DateOnly), Stem(region), Stem(region)+"~", LeastPeople, limit)
}

const mostWords = 8

// loggable leaves of words what may be kept: no digits, no Latin runs (addresses, names), nothing longer than a term, no names of people as far as they
// can be told.
func loggable(words []string) []string {
	var out []string
	for _, w := range words {
		rs := []rune(w)
		if len(rs) < 2 || len(rs) > 12 || strings.IndexFunc(w, func(r rune) bool { return !unicode.Is(unicode.Han, r) }) >= 0 || likeName(rs) || len(out) >= mostWords {
			continue
		}
		out = append(out, w)
	}
	return out
}

// surnames are the commonest ones; a term of two to four characters that begins with one and ends like no word of the field may be a name.
const surnames = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文"

// wordEnds are characters that end words of the field, so that 石油, 金融 or 方案 are no names.
const wordEnds = "证照店户费税票金贴房车险产业金保籍校学园院馆站厂场所局案油融田林水电气路桥船机药品食餐酒烟茶酱烘焙工程地块点网络件册表书单约同婚姻龄残疾养老幼童育教师生员职位务期补换迁移办理登记许可明核备审批转让变更注销"

func likeName(rs []rune) bool {
	if len(rs) > 4 || !strings.ContainsRune(surnames, rs[0]) {
		return false
	}
	for _, r := range rs[1:] {
		if strings.ContainsRune(wordEnds, r) {
			return false
		}
	}
	return true
}
