package govstack

import (
	"context"
	"slices"

	"tongban/internal/base/authz"
	"tongban/internal/base/errs"
	"tongban/internal/domain/cases"
	"tongban/internal/engine/flow"
)

// scope is whose work a member sees: on what it sent, and at the posts of its operators for the items of its grant.
func (s *Service) scope(ctx context.Context, m Member) (cases.ExchangeScope, error) {
	sc := cases.ExchangeScope{Member: m.system(), Items: m.items()}
	for _, id := range m.Operators {
		st, err := s.Offices.Staff(ctx, id)
		if errs.KindOf(err) == errs.NotFound || err == nil && st.Disabled {
			continue
		}
		if err != nil {
			return sc, err
		}
		for _, p := range st.Posts {
			if !slices.Contains(sc.Posts, p) {
				sc.Posts = append(sc.Posts, p)
			}
		}
	}
	return sc, nil
}

// Tasks lists the work a member sees, what began first before the rest.
func (s *Service) Tasks(ctx context.Context, m Member, f cases.TaskFilter) ([]cases.ExchangeTask, error) {
	sc, err := s.scope(ctx, m)
	if err != nil {
		return nil, err
	}
	return s.Cases.ExchangeTasks(ctx, sc, f)
}

// Task gives one; errs.NotFound govstack.task_unknown if the member does not see it.
func (s *Service) Task(ctx context.Context, m Member, id string) (cases.ExchangeTask, error) {
	sc, err := s.scope(ctx, m)
	if err != nil {
		return cases.ExchangeTask{}, err
	}
	t, err := s.Cases.ExchangeTask(ctx, sc, id)
	if errs.KindOf(err) == errs.NotFound {
		return t, errs.New(errs.NotFound, "govstack.task_unknown")
	}
	return t, err
}

// Completion is what an officer says on a task.
type Completion struct {
	Operator       string // staff id; empty: who took the task up, else the first of the grant who holds its post
	Outcome        string // as Outcomes lists them
	Reason         string // the text of an opinion, the reason of a decision, what an inspection concludes
	Basis          string
	Conditions     string
	To             string // step a return goes back to
	Ground         string // of a refusal to accept
	RightAuthority string
	Defects        []cases.Defect
	Officers       []string // of an inspection, with the operator
	Results        map[string]cases.CheckResult
	Photos         []string
}

// The outcomes of a task at the beginning of a case.
const (
	OutcomeAccept     = "accept"
	OutcomeCorrection = "correction"
	OutcomeRefuse     = "refuse"
)

// outcomes are what can be said on a task by the kind of its step. Other kinds are worked on at the desk.
var outcomes = map[string][]string{
	flow.Receive:     {"receive"},
	flow.Accept:      {OutcomeAccept, OutcomeCorrection, OutcomeRefuse},
	flow.Review:      {cases.OpinionPass, cases.OpinionFail, cases.OpinionReturn},
	flow.Countersign: {cases.OpinionPass, cases.OpinionFail, cases.OpinionReturn},
	flow.Inspect:     {"inspected", cases.OpinionReturn},
	flow.Decide:      {string(cases.Grant), string(cases.Partly), string(cases.Refuse), cases.OpinionReturn},
}

// Outcomes lists what can be said on a task of a kind; nil when it is worked on at the desk only.
func Outcomes(kind string) []string { return outcomes[kind] }

// Complete does a task as an officer of the grant, by the officer's own posts and the rules of every such act. Errors: govstack.task_unknown,
// govstack.task_done, govstack.task_kind, govstack.operator, govstack.outcome, and those of the act.
func (s *Service) Complete(ctx context.Context, m Member, id string, in Completion) (cases.ExchangeTask, error) {
	t, err := s.Task(ctx, m, id)
	if err != nil {
		return t, err
	}
	if !m.Covers(t.Case.ItemKey) {
		return t, errs.New(errs.Forbidden, "govstack.item_other")
	}
	can := Outcomes(t.Kind)
	switch {
	case !t.Closed.IsZero():
		return t, errs.New(errs.Conflict, "govstack.task_done")
	case can == nil:
		return t, errs.New(errs.Conflict, "govstack.task_kind", errs.P{"step": t.StepName})
	}
	who, err := s.operator(ctx, m, t, in.Operator)
	if err != nil {
		return t, err
	}
	if in.Outcome == "" && t.Kind == flow.Receive {
		in.Outcome = can[0]
	}
	if !slices.Contains(can, in.Outcome) {
		return t, errs.Fields("govstack.bad_completion", []errs.Field{{Path: "data/outcome", Key: "govstack.outcome", Params: errs.P{"can": list(can)}}})
	}
	if err := s.act(ctx, who, t, in); err != nil {
		return t, err
	}
	return s.Task(ctx, m, id)
}

func list(words []string) string {
	out := ""
	for i, w := range words {
		if i > 0 {
			out += ", "
		}
		out += w
	}
	return out
}

// operator gives the officer in whose name a task is completed.
func (s *Service) operator(ctx context.Context, m Member, t cases.ExchangeTask, named string) (authz.Actor, error) {
	id := named
	if id == "" && slices.Contains(m.Operators, t.TakenBy) {
		id = t.TakenBy
	}
	if id == "" {
		for _, st := range s.Offices.StaffOfPost(ctx, t.Post) {
			if slices.Contains(m.Operators, st.ID) && !st.Disabled {
				id = st.ID
				break
			}
		}
	}
	if !slices.Contains(m.Operators, id) {
		return authz.Actor{}, errs.New(errs.Forbidden, "govstack.operator", errs.P{"step": t.StepName})
	}
	st, err := s.Offices.Staff(ctx, id)
	if err != nil {
		return authz.Actor{}, err
	}
	if st.Disabled {
		return authz.Actor{}, errs.New(errs.Forbidden, "govstack.operator", errs.P{"step": t.StepName})
	}
	return authz.Actor{StaffID: st.ID, Roles: st.Roles, AgencyID: st.Agency, Posts: st.Posts, Via: m.system(), Origin: authz.From(ctx).Origin}, nil
}

func (s *Service) act(ctx context.Context, who authz.Actor, t cases.ExchangeTask, in Completion) (err error) {
	id, version := t.CaseID, t.Case.Version
	switch {
	case t.Kind == flow.Receive:
		_, err = s.Cases.Receive(ctx, who, id, version)
	case in.Outcome == OutcomeAccept:
		_, err = s.Cases.Accept(ctx, who, id, version)
	case in.Outcome == OutcomeCorrection:
		_, err = s.Cases.RequestCorrection(ctx, who, id, version, in.Defects)
	case t.Kind == flow.Accept:
		_, err = s.Cases.RefuseAcceptance(ctx, who, id, version, cases.Refusal{Ground: in.Ground, Reason: in.Reason, RightAuthority: in.RightAuthority})
	case in.Outcome == "inspected":
		_, err = s.Cases.RecordInspection(ctx, who, id, version, cases.Inspection{Step: t.Step, Officers: in.Officers, Results: in.Results, Photos: in.Photos, Conclusion: in.Reason})
	case t.Kind == flow.Decide && in.Outcome != cases.OpinionReturn:
		_, err = s.Cases.Decide(ctx, who, id, version, cases.Decision{Outcome: cases.Outcome(in.Outcome), Reason: in.Reason, Basis: in.Basis, Conditions: in.Conditions})
	default:
		_, err = s.Cases.Opinion(ctx, who, id, version, cases.Opinion{Step: t.Step, Outcome: in.Outcome, Text: in.Reason, To: in.To})
	}
	return err
}
