package org

import (
	"context"
	"encoding/json"
	"time"

	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/base/i18n"
	"tongban/internal/base/job"
)

// Notice is a message to an officer. They have no inbox here, so it goes to their telephone.
type Notice struct {
	Template, Key string
	Phone         string // plain
	Data          map[string]string
	Link          string
}

// TellKind is the kind of the jobs that tell officers of a proposal that waits. They are found when the job runs, so that the proposal waits for nobody and
// the job holds no telephone.
const TellKind = "org.tell"

// mostTold is how many officers are told of one proposal.
const mostTold = 20

type tellArgs struct {
	Proposal string `json:"proposal"`
}

func (s *Service) tellTx(ctx context.Context, tx *db.Tx, now time.Time, proposal string) error {
	if s.send == nil {
		return nil
	}
	return job.EnqueueTx(ctx, tx, now, job.Spec{Kind: TellKind, Key: proposal, Args: tellArgs{proposal}})
}

// tell tells whoever may review a proposal that it waits. The message says what kind of change it is, and nothing of whom it concerns.
func (s *Service) tell(ctx context.Context, j job.Job) error {
	var a tellArgs
	if err := json.Unmarshal(j.Args, &a); err != nil {
		return job.Permanent(err)
	}
	p, err := s.proposal(ctx, s.db.R(), a.Proposal)
	if errs.KindOf(err) == errs.NotFound {
		return job.Permanent(err)
	}
	if err != nil || !p.Waits() || s.send == nil {
		return err
	}
	n, err := s.snap(ctx)
	if err != nil {
		return err
	}
	now := s.now()
	phones := n.reviewers(p, now)
	return s.db.TxQueue(ctx, func(ctx context.Context, tx *db.Tx) error {
		for _, to := range phones {
			m := Notice{
				Template: "org.proposal_waits", Key: "proposal:" + p.ID + ":" + s.vault.Blind("org.told", to), Phone: to, Link: "/admin/proposals/" + p.ID,
				Data: map[string]string{"kind": i18n.In(i18n.Chinese, "org.kind_"+string(p.Kind))},
			}
			if err := s.send(ctx, tx, now, m); err != nil {
				return err
			}
		}
		return nil
	})
}

// reviewers gives the telephones of the security officers who may review a proposal now, each once.
func (n *snapshot) reviewers(p Proposal, now time.Time) []string {
	var d delta
	if p.State == Open {
		d, _ = n.plan(p.Change, p.ID, now)
	}
	seen := map[string]bool{"": true}
	var out []string
	for _, st := range n.staff {
		a := authz.Actor{StaffID: st.ID}
		if len(n.reach(a, authz.Security, now).regions) == 0 || seen[st.Phone] || n.mayReview(a, p, d, now) != nil {
			continue
		}
		seen[st.Phone] = true
		if out = append(out, st.Phone); len(out) == mostTold {
			break
		}
	}
	return out
}
