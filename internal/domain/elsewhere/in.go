package elsewhere

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"strconv"
	"strings"

	"github.com/emmansun/gmsm/sm3"

	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/base/ident"
	"tongban/internal/base/job"
	"tongban/internal/domain/cases"
)

const (
	maxWord = 200     // of ids and kinds that other systems give
	maxSeq  = 1 << 20 // events of one case
)

// KindFiled is an application made in the other system, which files a case here.
const KindFiled = "filed"

// Take keeps an event whose signature was checked, as it was received, and lets it be applied. What cannot be read is kept too, parked. The same message
// may come any number of times.
func (s *Service) Take(ctx context.Context, sys System, body []byte) (Taken, error) {
	m, err := s.read(ctx, sys, body)
	if err != nil {
		return Taken{}, err
	}
	first := false
	err = s.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		var err error
		if first, err = s.putInTx(ctx, tx, m); err != nil || !first || m.State != Waiting {
			return err
		}
		return job.EnqueueTx(ctx, tx, m.Received, job.Spec{Kind: jobApply, Key: m.ID, Args: idArgs{m.ID}, Tries: tries})
	})
	if err == nil && m.Kind == KindFiled && m.State == Waiting {
		return s.file(ctx, sys, m.MessageID, !first)
	}
	if err != nil || first {
		return Taken{MessageID: m.MessageID, State: m.State}, err
	}
	old, err := s.inByMessage(ctx, sys.Key, m.MessageID)
	return Taken{MessageID: m.MessageID, State: old.State, Again: true}, err
}

func (s *Service) read(ctx context.Context, sys System, body []byte) (In, error) {
	in := In{ID: ident.New(), System: sys.Key, State: Waiting, Received: s.Now(), body: body}
	var m Message
	err := json.Unmarshal(body, &m)
	if err != nil || m.MessageID == "" || m.Seq < 0 || m.Seq > maxSeq || len(m.MessageID)+len(m.Kind)+len(m.CaseNo)+len(m.CaseID) > maxWord {
		sum := sm3.Sum(body)
		in.MessageID = "sm3:" + hex.EncodeToString(sum[:])
		in.park(errs.New(errs.Invalid, "elsewhere.unreadable"))
		return in, nil
	}
	in.MessageID, in.CaseID, in.CaseNo, in.Kind, in.Seq, in.At = m.MessageID, m.CaseID, m.CaseNo, m.Kind, m.Seq, m.At
	if m.Kind == KindFiled { // its case is made when it is applied
		in.CaseID, in.CaseNo = "", ""
		return in, nil
	}
	return in, s.resolve(ctx, &in)
}

// resolve finds the case a message is about. One that is not theirs is to them as if it did not exist.
func (s *Service) resolve(ctx context.Context, in *In) error {
	id := in.CaseID
	var err error
	if id == "" {
		id, err = s.Cases.OfNumber(ctx, in.CaseNo)
	}
	var c cases.Case
	if err == nil {
		c, err = s.Cases.Head(ctx, id)
	}
	switch {
	case errs.KindOf(err) == errs.NotFound, err == nil && (c.HandledBy != in.System || in.CaseNo != "" && in.CaseNo != c.CaseNo):
		in.park(errs.New(errs.NotFound, "elsewhere.unknown_case"))
		return nil
	case err != nil:
		return err
	}
	in.CaseID, in.CaseNo = c.ID, c.CaseNo
	return nil
}

func (m *In) park(cause error) {
	m.State = Parked
	m.Reason, m.ReasonZH, m.ReasonEN = reason(cause)
}

// apply brings the case of an event up to what has come.
func (s *Service) apply(ctx context.Context, id string) error {
	m, err := s.in(ctx, id)
	if err != nil || m.State != Waiting {
		return ignoreMissing(err)
	}
	sys, err := s.system(ctx, m.System)
	if err != nil {
		return err
	}
	if m.Kind == KindFiled {
		_, err := s.file(ctx, sys, m.MessageID, true)
		return err
	}
	return s.settle(ctx, sys, m.CaseID)
}

// settle applies what waits for a case, in order, as far as it goes, and sets a timer for what must wait for earlier ones.
func (s *Service) settle(ctx context.Context, sys System, caseID string) error {
	for {
		all, err := s.inOfCase(ctx, sys.Key, caseID)
		if err != nil {
			return err
		}
		moved, err := s.settleOnce(ctx, sys, all)
		if err != nil || !moved {
			return err
		}
	}
}

// settleOnce tries the waiting events in order until one is done; then the rest are looked at anew.
func (s *Service) settleOnce(ctx context.Context, sys System, all []In) (moved bool, err error) {
	for _, m := range all {
		if m.State != Waiting {
			continue
		}
		gap := gapBefore(all, m)
		patient := s.Now().Sub(m.Received) < sys.Gap
		if gap != "" && patient {
			if err := s.waitFor(ctx, sys, m); err != nil {
				return false, err
			}
			continue
		}
		cause, err := s.one(ctx, &m)
		if err != nil {
			return false, err
		}
		if cause != nil && m.Seq == 0 && patient && errs.KindOf(cause) == errs.Conflict { // it may be early: nobody counts here
			if err := s.waitFor(ctx, sys, m); err != nil {
				return false, err
			}
			continue
		}
		return true, s.done(ctx, m, gap, cause)
	}
	return false, nil
}

// one applies one event. cause says why the case does not take it; err is our own trouble.
func (s *Service) one(ctx context.Context, m *In) (cause, err error) {
	var msg Message
	if err := json.Unmarshal(m.body, &msg); err != nil {
		return errs.New(errs.Invalid, "elsewhere.unreadable"), nil
	}
	_, err = s.Cases.Elsewhere(ctx, cases.Foreign{System: m.System, MessageID: m.MessageID, CaseID: m.CaseID, Kind: m.Kind, At: msg.At, ByName: msg.By, Data: msg.Data})
	return s.sorted(err)
}

func (s *Service) done(ctx context.Context, m In, gap string, cause error) error {
	was := m.State
	if cause != nil {
		m.park(cause)
	} else {
		m.State, m.Reason, m.ReasonZH, m.ReasonEN, m.Gap, m.AppliedAt = Applied, "", "", "", gap, s.Now()
	}
	err := s.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error { return setInTx(ctx, tx, m, was) })
	return ignoreMissing(err) // another node was faster
}

// waitFor looks again when the time for earlier ones to come is over.
func (s *Service) waitFor(ctx context.Context, sys System, m In) error {
	return s.enqueue(ctx, job.Spec{Kind: jobApply, Key: m.ID + ":gap", Args: idArgs{m.ID}, Tries: tries, Due: m.Received.Add(sys.Gap)})
}

// gapBefore names the numbers before an event that are neither applied nor dropped: "2" or "2-4,6".
func gapBefore(all []In, m In) string {
	have := map[int64]bool{}
	for _, x := range all {
		if x.Seq > 0 && (x.State == Applied || x.State == Dropped) {
			have[x.Seq] = true
		}
	}
	var out []string
	for n := int64(1); n < m.Seq; n++ {
		if have[n] {
			continue
		}
		from := n
		for n+1 < m.Seq && !have[n+1] {
			n++
		}
		part := strconv.FormatInt(from, 10)
		if n > from {
			part += "-" + strconv.FormatInt(n, 10)
		}
		out = append(out, part)
	}
	return strings.Join(out, ",")
}

// heard is up to which number a case's events have come without a gap, applied or not.
func heard(all []In) int64 {
	have := map[int64]bool{}
	for _, x := range all {
		have[x.Seq] = true
	}
	n := int64(0)
	for have[n+1] {
		n++
	}
	return n
}
