package talk_test

import (
	"testing"
	"time"

	"tongban/internal/domain/cases"
	"tongban/internal/domain/talk"
)

// Officers of another agency learn at their desk that their opinion is asked; nobody of the asking agency does, and hearing it again tells nothing again.
func TestAnAskedPostIsTold(t *testing.T) {
	each(t, func(t *testing.T, k *kit) {
		until := time.Date(2026, 3, 5, 15, 59, 59, 0, time.UTC)
		ask := cases.ConsultedEvent{Fact: cases.Fact{CaseID: "c1"}, Consult: "q1", Post: "welfare", Until: until}
		k.tell(ask)
		k.tell(ask)
		k.tell(cases.ConsultedEvent{Fact: cases.Fact{CaseID: "c1"}, Consult: "q2", Post: "welfare"})
		k.tell(cases.ConsultedEvent{Fact: cases.Fact{CaseID: "gone"}, Consult: "q3", Post: "welfare"})
		k.drain()
		ns, _, err := k.Notices(t.Context(), civil, "", 10)
		k.ok(err)
		if len(ns) != 2 || ns[1].Kind != talk.NoticeConsult || ns[0].Kind != talk.NoticeConsultOpen || ns[1].Link != "/desk/cases/c1" {
			t.Fatalf("%+v", ns)
		}
		if ns[1].Words["agency"] != "市场局" || ns[1].Words["case_no"] != "QL1" || ns[1].Words["until"] != until.Format(time.RFC3339) {
			t.Errorf("%+v", ns[1].Words)
		}
		if n := k.UnreadNotices(t.Context(), "zhou"); n != 0 {
			t.Errorf("zhou has %d notices", n)
		}
	})
}
