package talk_test

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"tongban/internal/base/authz"
	"tongban/internal/base/dbtest"
	"tongban/internal/base/errs"
	"tongban/internal/base/i18n"
	"tongban/internal/domain/cases"
	"tongban/internal/domain/talk"
	"tongban/internal/engine/clock"
)

var png = append([]byte("\x89PNG\r\n\x1a\n"), make([]byte, 600)...)

func (k *kit) say(a authz.Actor, key, text string) talk.Message {
	k.t.Helper()
	m, err := k.Say(k.t.Context(), a, "c1", talk.Say{Key: key, Text: text})
	k.ok(err)
	return m
}

func TestMessagesAreSealedToldAndReadOnce(t *testing.T) {
	each(t, func(t *testing.T, k *kit) {
		ctx := t.Context()
		m := k.say(owner, "k1", "请问还要多久？\r\n第二行")
		if again := k.say(owner, "k1", "请问还要多久？\n第二行"); again.ID != m.ID {
			t.Error("a double send is two messages")
		}
		if n := k.told("zhou", talk.NoticeMessage) + k.told("li", talk.NoticeMessage); n != 2 {
			t.Errorf("%d of two holders told", n)
		}
		if n := k.count("told_row", "template = 'case.message'"); n != 0 {
			t.Error("the applicant is told of their own message")
		}
		ids, err := k.Unread(ctx, zhou)
		k.ok(err)
		if len(ids) != 1 {
			t.Errorf("unread at the desk: %v", ids)
		}
		th, err := k.Thread(ctx, overseer, "c1") // a supervisor's look is no reading by the desk
		k.ok(err)
		if th.MayWrite || len(th.Messages) != 1 || th.Messages[0].By != "罗*满" {
			t.Errorf("%+v", th)
		}
		if ids, _ = k.Unread(ctx, zhou); len(ids) != 1 {
			t.Error("read by the supervisor for the desk")
		}
		_, err = k.Thread(ctx, zhou, "c1")
		k.ok(err)
		if ids, _ = k.Unread(ctx, zhou); len(ids) != 0 {
			t.Error("still unread")
		}
		if n := k.count("audit_entry", "act = 'read' AND what = 'talk.thread' AND subject = 'subject-1' AND actor = 'staff:zhou'"); n != 1 {
			t.Errorf("%d looks on record", n)
		}
		k.say(zhou, "k2", "预计三天内办结")
		if n := k.count("told_row", "template = 'case.message' AND person = 'p1'"); n != 1 {
			t.Errorf("the applicant was told %d times", n)
		}
		marks, err := k.Marks(ctx, true, []string{"c1", "c2"})
		k.ok(err)
		if marks["c1"].Unread != 1 || len(marks) != 1 {
			t.Errorf("marks %+v", marks)
		}
		th, err = k.Thread(ctx, owner, "c1")
		k.ok(err)
		if x := th.Messages[1]; x.By != "周*" && x.By == "周敏" || x.Agency != "市场局" || th.Messages[0].Read.IsZero() || th.Left != 19 {
			t.Errorf("the applicant sees %+v, %d left", x, th.Left)
		}
		if n := k.count("audit_entry", "actor = 'person:p1' AND act = 'read'"); n != 0 {
			t.Error("one's own look is on record")
		}
		if k.events("talk.message") != 2 || k.count("audit_entry", "act = 'talk.message'") != 2 {
			t.Error("events or record")
		}
		raw, err := os.ReadFile(k.file())
		if err == nil && bytes.Contains(raw, []byte("请问还要多久")) {
			t.Error("the text lies open in the database")
		}
	})
}

// file is the database's file on SQLite, or nothing.
func (k *kit) file() string {
	return strings.TrimPrefix(strings.TrimPrefix(k.d.URL(), "sqlite:"), "//")
}

func TestWhoMayWriteAndWhen(t *testing.T) {
	each(t, func(t *testing.T, k *kit) {
		ctx := t.Context()
		try := func(a authz.Actor, text string) error {
			_, err := k.Say(ctx, a, "c1", talk.Say{Key: "k", Text: text})
			return err
		}
		narrow := agent
		narrow.Scope = &authz.Scope{Items: []string{"elder"}, Acts: []string{"*"}}
		k.refused(try(nobody, "x"), "cases.not_found")
		k.refused(try(civil, "x"), "cases.not_found")
		k.refused(try(overseer, "x"), "talk.no_right")
		k.refused(try(narrow, "x"), "talk.no_right")
		k.ok(try(agent, "我是代办人"))
		k.refused(try(owner, "  \n "), "talk.text_missing")
		k.refused(try(owner, strings.Repeat("字", 2001)), "talk.too_long")
		k.ok(try(owner, strings.Repeat("字", 2000)))
		_, err := k.Say(ctx, owner, "c1", talk.Say{Text: "x"})
		k.refused(err, "talk.client_key")
		for i := 2; i < 20; i++ {
			k.ok(try(owner, "m"+strconv.Itoa(i)))
		}
		k.refused(try(owner, "zu viel"), "talk.too_often")
		k.ok(try(zhou, "the other side may")) // its own count
		k.set("2026-03-02 11:01")
		k.ok(try(owner, "an hour later"))
		th, err := k.Thread(ctx, owner, "c1")
		k.ok(err)
		if th.Messages[0].By != "" || th.Messages[0].Mine {
			t.Errorf("an agent's message: %+v", th.Messages[0])
		}
		k.c.State, k.ended = cases.Concluded, k.now()
		k.set("2026-04-01 10:00")
		k.ok(try(owner, "nach dem Ende"))
		k.set("2026-04-02 10:00")
		k.refused(try(owner, "zu spät"), "talk.closed")
		k.c.State = cases.Archived
		k.set("2026-03-10 10:00")
		k.refused(try(owner, "ins Archiv"), "talk.archived")
		k.refused(try(zhou, "ins Archiv"), "talk.archived")
		th, err = k.Thread(ctx, owner, "c1")
		k.ok(err)
		if th.MayWrite || !errs.Is(th.Why, "talk.archived") || len(th.Messages) != 23 {
			t.Errorf("%v %v %d", th.MayWrite, th.Why, len(th.Messages))
		}
	})
}

func TestAttachmentsAreCheckedAndNoMaterials(t *testing.T) {
	each(t, func(t *testing.T, k *kit) {
		ctx := t.Context()
		send := func(key, name string, size int64, body []byte) (talk.Message, error) {
			return k.Say(ctx, owner, "c1", talk.Say{Key: key, Text: "见附件", File: &talk.Upload{Name: name, Size: size, Body: bytes.NewReader(body)}})
		}
		for key, c := range map[string]struct {
			name string
			body []byte
		}{
			"talk.file_program": {"a.pdf", append([]byte("MZ"), make([]byte, 100)...)}, "talk.file_kind": {"a.png", []byte("just text")}, "talk.file_empty": {"a.png", nil},
		} {
			_, err := send(key, c.name, 0, c.body)
			k.refused(err, key)
		}
		_, err := send("big", "a.png", talk.MaxFile+1, png)
		k.refused(err, "base.too_large")
		_, err = send("cut", "a.png", int64(len(png))+1, png)
		k.refused(err, "base.upload_cut")
		if n := k.count("talk_message", "1 = 1"); n != 0 {
			t.Fatalf("%d messages of refused files", n)
		}
		m, err := send("good", `C:\x\<b>图.png`, int64(len(png)), png)
		k.ok(err)
		if m.File.Name != "<b>图.png" || m.File.MIME != "image/png" || k.count("blob_file", "owner = 'talk:c1'") != 1 {
			t.Errorf("%+v", m.File)
		}
		f, r, err := k.Open(ctx, zhou, "c1", m.ID)
		k.ok(err)
		b, err := io.ReadAll(r)
		k.ok(err)
		if !bytes.Equal(b, png) || f.Name != m.File.Name || k.count("audit_entry", "what = 'talk.attachment' AND actor = 'staff:zhou'") != 1 {
			t.Error("the file or its record")
		}
		_, _, err = k.Open(ctx, nobody, "c1", m.ID)
		k.refused(err, "cases.not_found")
		rec, err := k.OfCase(ctx, "c1")
		k.ok(err)
		if len(rec.Messages) != 1 || rec.Messages[0].SM3 == "" || rec.Messages[0].Open == nil || rec.Messages[0].Text != "见附件" {
			t.Errorf("for the archive: %+v", rec)
		}
		found, _ := filepath.Glob(filepath.Join(k.dir, "*", "*"))
		for _, name := range found {
			if raw, err := os.ReadFile(name); err == nil && bytes.Contains(raw, png[:8]) {
				t.Error("the file lies open on the disk")
			}
		}
	})
}

func TestTheSameMessageFromManyHandsAtOnceIsOne(t *testing.T) {
	each(t, func(t *testing.T, k *kit) {
		var wg sync.WaitGroup
		ids := make([]string, 8)
		for i := range ids {
			wg.Go(func() {
				m, err := k.Say(t.Context(), owner, "c1", talk.Say{Key: "same", Text: "一次"})
				if err != nil {
					t.Error(err)
				}
				ids[i] = m.ID
			})
		}
		wg.Wait()
		for _, id := range ids {
			if id == "" || id != ids[0] {
				t.Errorf("ids %v", ids)
			}
		}
		if n := k.count("talk_message", "1 = 1"); n != 1 {
			t.Errorf("%d messages", n)
		}
	})
}

func TestUrgingFromHalfOfThePeriodAndAgainAfterThreeDays(t *testing.T) {
	each(t, func(t *testing.T, k *kit) {
		ctx := t.Context()
		urge := func(at string, a authz.Actor, reason string) (talk.Urge, error) {
			k.set(at)
			return k.Urge(ctx, a, "c1", reason)
		}
		_, err := urge("2026-03-06 23:00", owner, "")
		k.refused(err, "talk.urge_early") // four of ten working days
		if p := errs.As(err).Params; p["date"] != "2026-03-09" {
			t.Errorf("from %v", p)
		}
		u, err := urge("2026-03-09 00:00", owner, "开业在即")
		k.ok(err)
		if got := u.Due.In(clock.Shanghai).Format(time.DateOnly); got != "2026-03-10" {
			t.Errorf("answer due %s", got)
		}
		again, err := urge("2026-03-09 00:00", owner, "开业在即")
		k.ok(err)
		if again.ID != u.ID || k.count("talk_urge", "1 = 1") != 1 {
			t.Error("two presses are two urges")
		}
		_, err = urge("2026-03-12 10:00", owner, "")
		k.refused(err, "talk.urge_again")
		_, err = urge("2026-03-13 10:00", owner, "")
		k.ok(err)
		if k.told("zhou", talk.NoticeUrge) != 2 || k.told("wang", talk.NoticeHead) != 2 || k.told("wang", talk.NoticeUrge) != 0 {
			t.Error("who has the case, and who decides it, are told")
		}
		_, err = k.Urge(ctx, zhou, "c1", "")
		k.refused(err, "talk.no_right")
		_, err = k.Urge(ctx, nobody, "c1", "")
		k.refused(err, "cases.not_found")
		_, err = k.Urge(ctx, overseer, "c1", "群众反映")
		k.ok(err)
		_, err = urge("2026-03-13 12:00", overseer, "再催")
		k.refused(err, "talk.urge_waits")
		th, err := k.Thread(ctx, owner, "c1")
		k.ok(err)
		if len(th.Urges) != 2 {
			t.Errorf("the applicant sees %d urges", len(th.Urges))
		}
		for state, key := range map[cases.State]string{cases.Correction: "talk.urge_yours", cases.Concluded: "talk.urge_closed"} {
			k.c.State = state
			_, err = urge("2026-03-30 10:00", owner, "")
			k.refused(err, key)
		}
		k.c.State, k.c.Clock.Paused = cases.Suspended, true
		_, err = urge("2026-03-30 10:00", owner, "")
		k.refused(err, "talk.urge_paused")
	})
}

func TestAnUrgeIsAnsweredOrTold(t *testing.T) {
	each(t, func(t *testing.T, k *kit) {
		ctx := t.Context()
		k.set("2026-03-10 10:00")
		u, err := k.Urge(ctx, owner, "c1", "")
		k.ok(err)
		if ids, err := k.Urged(ctx, zhou); err != nil || len(ids) != 1 {
			t.Errorf("filter %v %v", ids, err)
		}
		if ids, _ := k.Urged(ctx, civil); len(ids) != 0 {
			t.Error("another agency's filter")
		}
		k.refused(k.Answer(ctx, zhou, "c1", u.ID, " "), "talk.answer_missing")
		k.refused(k.Answer(ctx, owner, "c1", u.ID, "x"), "talk.no_right")
		k.refused(k.Answer(ctx, zhou, "c1", "none", "x"), "cases.not_found")
		k.ok(k.Answer(ctx, zhou, "c1", u.ID, "正在核查，预计明天办结"))
		k.ok(k.Answer(ctx, zhou, "c1", u.ID, "正在核查，预计明天办结"))
		var wins, losses int
		for _, text := range []string{"另一个答复"} {
			if err := k.Answer(ctx, zhou, "c1", u.ID, text); errs.Is(err, "talk.urge_over") {
				losses++
			} else {
				wins++
			}
		}
		if wins != 0 || losses != 1 || k.count("told_row", "template = 'case.urge_answered'") != 1 || k.events("talk.urge_answered") != 1 {
			t.Error("an answer is given once and reaches the applicant once")
		}
		k.set("2026-03-12 10:00")
		k.drain()
		if k.events("talk.urge_unanswered") != 0 {
			t.Error("an answered urge is told as unanswered")
		}
		k.set("2026-03-16 10:00")
		_, err = k.Urge(ctx, owner, "c1", "")
		k.ok(err)
		k.set("2026-03-17 23:59")
		k.drain()
		if k.events("talk.urge_unanswered") != 0 {
			t.Error("told before the day is over")
		}
		k.set("2026-03-18 00:01")
		k.drain()
		k.drain()
		if k.events("talk.urge_unanswered") != 1 || k.told("wang", talk.NoticeMissed) != 1 || k.told("gu", talk.NoticeMissed) != 1 || k.told("far", talk.NoticeMissed) != 0 {
			t.Error("an urge nobody answered is told once: to the head and the nearest supervisor")
		}
		th, err := k.Thread(ctx, zhou, "c1")
		k.ok(err)
		if last := th.Urges[len(th.Urges)-1]; !last.Open() || last.Missed.IsZero() || !th.Answers {
			t.Errorf("%+v", last)
		}
		k.ok(k.Answer(ctx, zhou, "c1", th.Urges[1].ID, "抱歉，刚刚办结"))
		k.set("2026-03-25 10:00")
		_, err = k.Urge(ctx, owner, "c1", "")
		k.ok(err)
		k.c.State = cases.Concluded
		k.set("2026-03-30 10:00")
		k.drain()
		if k.events("talk.urge_unanswered") != 1 || k.count("talk_urge", "overtaken_ms > 0") != 1 {
			t.Error("the end of the case is an answer")
		}
	})
}

func TestACopyGivesReadingForATerm(t *testing.T) {
	each(t, func(t *testing.T, k *kit) {
		ctx := t.Context()
		give := func(kind, key string, days int) (talk.Copy, error) {
			return k.Copy(ctx, zhou, "c1", talk.NewCopy{Kind: kind, Key: key, Reason: "需要了解场所情况", Days: days})
		}
		shared := func(a authz.Actor) bool {
			t.Helper()
			one, err := k.Shared(ctx, "c1", a.StaffID, a.Posts)
			k.ok(err)
			all, err := k.SharedWith(ctx, a.StaffID, a.Posts)
			k.ok(err)
			if one != (len(all) == 1) {
				t.Error("rule and list differ")
			}
			return one
		}
		if shared(civil) {
			t.Error("a stranger has the case")
		}
		_, err := k.Copy(ctx, owner, "c1", talk.NewCopy{Kind: talk.ToPost, Key: "welfare", Reason: "x", Days: 1})
		k.refused(err, "talk.no_right")
		_, err = k.Copy(ctx, overseer, "c1", talk.NewCopy{Kind: talk.ToPost, Key: "welfare", Reason: "x", Days: 1})
		k.refused(err, "talk.no_right")
		for key, f := range map[string]func() (talk.Copy, error){
			"talk.copy_to": func() (talk.Copy, error) { return give(talk.ToStaff, "gone", 3) }, "talk.copy_self": func() (talk.Copy, error) { return give(talk.ToStaff, "zhou", 3) },
			"talk.copy_days": func() (talk.Copy, error) { return give(talk.ToPost, "welfare", 91) },
			"talk.reason_missing": func() (talk.Copy, error) {
				return k.Copy(ctx, zhou, "c1", talk.NewCopy{Kind: talk.ToPost, Key: "welfare", Days: 1})
			},
		} {
			_, err := f()
			k.refused(err, key)
		}
		c, err := give(talk.ToPost, "welfare", 2)
		k.ok(err)
		if got := c.Until.In(clock.Shanghai).Format("2006-01-02 15:04"); got != "2026-03-04 00:00" || !shared(civil) {
			t.Errorf("until %s", got)
		}
		_, err = give(talk.ToPost, "welfare", 5)
		k.refused(err, "talk.copied_already")
		if k.told("wei", talk.NoticeCopy) != 1 || k.count("audit_entry", "act = 'read' AND what = 'talk.copied' AND subject = 'subject-1'") != 1 || k.events("talk.copied") != 1 {
			t.Error("the receiver and the applicant's record")
		}
		th, err := k.Thread(ctx, civil, "c1")
		k.ok(err)
		if th.MayWrite || th.MayCopy || th.Answers {
			t.Errorf("a reader may %+v", th)
		}
		_, err = k.Say(ctx, civil, "c1", talk.Say{Key: "k", Text: "x"})
		k.refused(err, "talk.no_right")
		k.refused(k.EndCopy(ctx, civil, "c1", c.ID), "talk.no_right")
		own, err := k.Thread(ctx, owner, "c1")
		k.ok(err)
		if len(own.Copies) != 1 || own.Copies[0].Reason != "" || own.Copies[0].To != "福利岗" || own.Copies[0].Agency != "民政局" {
			t.Errorf("the applicant sees %+v", own.Copies)
		}
		k.ok(k.EndCopy(ctx, zhou, "c1", c.ID))
		k.ok(k.EndCopy(ctx, zhou, "c1", c.ID))
		if shared(civil) || k.events("talk.copy_ended") != 1 {
			t.Error("a copy that was taken back still gives reading")
		}
		_, err = give(talk.ToStaff, "wei", 1)
		k.ok(err)
		if !shared(civil) {
			t.Error("a copy to the account")
		}
		k.set("2026-03-03 00:00")
		if shared(civil) {
			t.Error("a copy outlasts its term")
		}
		_, err = give(talk.ToStaff, "wei", 1) // the lapsed one is out of the way
		k.ok(err)
	})
}

func TestDeadlinesAreToldAsTheRulesSay(t *testing.T) {
	each(t, func(t *testing.T, k *kit) {
		due := k.c.Clock.StepDue // end of Friday 6 March
		f := cases.Fact{CaseID: "c1", CaseNo: "QL1", Agency: "market", Region: "580102", Due: due}
		k.tasks[0].TakenBy = "li"
		k.set("2026-03-06 08:00")
		k.tell(cases.DueNearEvent{Fact: f, Which: "step"})
		if k.told("li", talk.NoticeNear) != 1 || k.told("zhou", talk.NoticeNear) != 0 {
			t.Error("who took the step up is told, and nobody else")
		}
		k.set("2026-03-07 00:01")
		k.tell(cases.DuePassedEvent{Fact: f, Which: "step"})
		k.tell(cases.DuePassedEvent{Fact: f, Which: "step"})
		if k.told("li", talk.NoticePassed) != 1 || k.told("wang", talk.NoticePassed) != 0 {
			t.Error("at once: the holder, once")
		}
		k.set("2026-03-10 00:01") // a working day later
		k.drain()
		if k.told("wang", talk.NoticePassed) != 1 || k.told("gu", talk.NoticePassed) != 0 {
			t.Error("after a working day: the head")
		}
		k.set("2026-03-12 00:01")
		k.drain()
		if k.told("gu", talk.NoticePassed) != 1 || k.told("far", talk.NoticePassed) != 0 {
			t.Error("after three: the supervisor of the nearest region")
		}
		th, err := k.Thread(t.Context(), zhou, "c1")
		k.ok(err)
		if len(th.Told) != 4 || th.Told[3].Told[0] != "顾维" || k.events("talk.escalated") != 4 {
			t.Errorf("on the case: %+v", th.Told)
		}
		if own, _ := k.Thread(t.Context(), owner, "c1"); len(own.Told) != 0 {
			t.Error("the applicant sees who was reminded")
		}
	})
}

func TestNobodyIsToldOfADeadlineThatMovedOrIsOver(t *testing.T) {
	each(t, func(t *testing.T, k *kit) {
		f := cases.Fact{CaseID: "c1", Due: k.c.Clock.StepDue}
		k.set("2026-03-07 00:01")
		k.c.Clock.StepDue = k.c.Clock.StepDue.Add(48 * time.Hour)
		k.tell(cases.DuePassedEvent{Fact: f, Which: "step"})
		k.c.Clock.StepDue, k.c.State = f.Due, cases.Concluded
		k.set("2026-03-30 00:01")
		k.drain()
		if n := k.count("talk_notice", "1 = 1") + k.count("talk_escalation", "1 = 1"); n != 0 {
			t.Errorf("%d told", n)
		}
	})
}

func TestHeadsAreNamedByAdministratorsOfTheRegion(t *testing.T) {
	each(t, func(t *testing.T, k *kit) {
		ctx := t.Context()
		far := boss
		far.Region = "580103"
		k.refused(k.SetHead(ctx, far, talk.HeadOf{Agency: "market", Staff: "li"}, false), "base.forbidden")
		k.refused(k.SetHead(ctx, zhou, talk.HeadOf{Agency: "market", Staff: "li"}, false), "base.forbidden")
		k.refused(k.SetHead(ctx, boss, talk.HeadOf{Agency: "market", Staff: "wei"}, false), "talk.head_staff")
		k.refused(k.SetHead(ctx, boss, talk.HeadOf{Agency: "market", Post: "welfare", Staff: "li"}, false), "talk.head_post")
		k.ok(k.SetHead(ctx, boss, talk.HeadOf{Agency: "market", Staff: "li"}, false))
		k.set("2026-03-10 10:00")
		_, err := k.Urge(ctx, owner, "c1", "")
		k.ok(err)
		if k.told("li", talk.NoticeHead) != 1 || k.told("wang", talk.NoticeHead) != 0 {
			t.Error("the head of the agency is told instead of who decides")
		}
		k.ok(k.SetHead(ctx, boss, talk.HeadOf{Agency: "market", Post: "review", Staff: "zhou"}, false))
		_, err = k.Urge(ctx, overseer, "c1", "")
		k.ok(err)
		if k.told("li", talk.NoticeHead) != 1 || k.told("zhou", talk.NoticeHead) != 1 {
			t.Error("the head of the post goes before")
		}
		k.ok(k.SetHead(ctx, boss, talk.HeadOf{Agency: "market", Post: "review", Staff: "zhou"}, true))
		hs, err := k.Heads(ctx, boss, "market")
		k.ok(err)
		if len(hs) != 1 || hs[0].StaffName != "李青" {
			t.Errorf("%+v", hs)
		}
	})
}

func TestNoticesAreOnesOwn(t *testing.T) {
	each(t, func(t *testing.T, k *kit) {
		ctx := t.Context()
		k.say(owner, "a", "一")
		k.say(owner, "b", "二") // the first is still unread: one notice
		ns, _, err := k.Notices(ctx, zhou, "", 10)
		k.ok(err)
		if len(ns) != 1 || k.UnreadNotices(ctx, "zhou") != 1 {
			t.Fatalf("%+v", ns)
		}
		_, err = k.ReadNotice(ctx, civil, ns[0].ID)
		k.refused(err, "talk.no_notice")
		n, err := k.ReadNotice(ctx, zhou, ns[0].ID)
		k.ok(err)
		if n.Link != "/desk/cases/c1#talk" || k.UnreadNotices(ctx, "zhou") != 0 || k.UnreadNotices(ctx, "li") != 1 {
			t.Errorf("%+v", n)
		}
		k.say(owner, "c", "三")
		if k.UnreadNotices(ctx, "zhou") != 1 {
			t.Error("a message after a read notice is not told")
		}
		k.ok(k.ReadAllNotices(ctx, zhou))
		if k.UnreadNotices(ctx, "zhou") != 0 {
			t.Error("still unread")
		}
		for _, kind := range []string{"message", "urge", "urge_head", "urge_answered", "urge_missed", "copy", "copy_ended", "near", "passed", "consult", "consult_open"} {
			if !i18n.Has("talk.notice_"+kind) || !i18n.Has("talk.kind_"+kind) {
				t.Errorf("no words for %s", kind)
			}
		}
	})
}

func TestRulesThatCannotSpeakAreRefused(t *testing.T) {
	good := "messages: {per_hour: 1, after_end_days: 1}\nurge: {every: {n: 1, unit: workday}, answer: {n: 1, unit: workday}}\ncopy: {most_days: 1, most_running: 1}\nreminders:\n"
	if _, err := talk.ReadRules([]byte(good + "  - {name: a, clock: step, when: passed, after: {n: 2, unit: hour}, tell: [head]}")); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"clock": "  - {name: a, clock: moon, when: near, tell: [head]}", "when": "  - {name: a, clock: step, when: soon, tell: [head]}", "whom": "  - {name: a, clock: step, when: near, tell: [mayor]}",
		"nobody": "  - {name: a, clock: step, when: near}", "twice": "  - {name: a, clock: step, when: near, tell: [head]}\n  - {name: a, clock: step, when: near, tell: [head]}",
		"near and after": "  - {name: a, clock: step, when: near, after: {n: 1, unit: workday}, tell: [head]}", "word": "  - {name: a, clock: step, when: near, tell: [head], loud: true}",
	} {
		if _, err := talk.ReadRules([]byte(good + text)); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
}

func TestPersonsThatAreOneSayWhatBothSaid(t *testing.T) {
	k := newKit(t, dbtest.SQLite(t, rooms...))
	k.say(agent, "a", "以前的账号")
	k.tell(merged())
	if n := k.count("talk_message", "author = 'person:p1'"); n != 1 {
		t.Error("the message stayed with the old account")
	}
}
