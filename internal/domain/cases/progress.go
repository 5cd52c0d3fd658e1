package cases

import "time"

// progress tells a person where the case stands: five plain stages, who waits for whom, and by when.
func (w *work) progress(own bool) Progress {
	c := w.shown()
	p := Progress{
		CaseNo: c.CaseNo, ItemName: c.ItemName, Agency: c.AgencyName, Applicant: applicant(w.c, own), State: c.State, Outcome: c.Outcome, Nature: c.Nature,
		StepName: c.StepName, Due: c.Clock.Due(), LegalDue: c.Clock.LegalDue, DaysLeft: c.DaysLeft, Paused: c.Clock.Paused, Overdue: c.Overdue, Submitted: c.Submitted,
	}
	p.WaitFor, p.WaitKey = waits(c.State)
	p.WaitKey = Word(c.Nature, p.WaitKey)
	p.Stages = stages(c)
	return p
}

// The parties a case can wait for.
const (
	WaitYou    = "you"
	WaitAgency = "agency"
	WaitNobody = "nobody"
)

// waits says who has to act, and the text key of for what.
func waits(s State) (who, key string) {
	switch s {
	case Draft, Correction:
		who = WaitYou
	case Certified:
		who = WaitYou
	case Prechecking, Submitted, Received, Accepted, Reviewing, Suspended, Decided, Delivered:
		who = WaitAgency
	default:
		who = WaitNobody
	}
	return who, "cases.wait_" + string(s)
}

// reached says how many stages are behind a case in a state; the one after them is now.
var reached = map[State]int{
	Draft: 0, Prechecking: 0, Submitted: 1, Received: 1, Correction: 1, Accepted: 2, Reviewing: 2, Suspended: 2, Decided: 4, Certified: 4,
	Delivered: 5, Concluded: 5, Archived: 5,
}

func stages(c Case) []Stage {
	all := []Stage{
		{Key: StageSubmit, At: c.Submitted},
		{Key: StageAccept, At: c.Accepted},
		{Key: StageReview, At: c.Decided},
		{Key: StageDecide, At: c.Decided},
		{Key: StageDeliver, At: c.Delivered},
	}
	done, ok := reached[c.State]
	if !ok || c.State == Archived && c.Delivered.IsZero() { // refused to accept, withdrawn or terminated: what was reached stays, the rest will not be
		return stopped(all)
	}
	if done == 2 && c.StepKind == "decide" {
		done = 3
		all[2].At = time.Time{}
	}
	for i := range all {
		switch {
		case i < done:
			all[i].Status = "done"
		case i == done:
			all[i].Status, all[i].At = "now", time.Time{}
		default:
			all[i].Status, all[i].At = "next", time.Time{}
		}
	}
	return all
}

func stopped(all []Stage) []Stage {
	for i := range all {
		all[i].Status = "done"
		if all[i].At.IsZero() {
			all[i].Status = "stopped"
		}
	}
	return all
}
