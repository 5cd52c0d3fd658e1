package flow

import (
	"maps"
	"slices"

	"tongban/internal/base/errs"
)

// State is where a flow stands; it is stored as JSON. The zero State has not been started.
type State struct {
	Spot
	Lanes []Spot     `json:"lanes,omitempty"` // of a parallel step: where each of its ways stands; one that is over has no step
	Done  []DoneStep `json:"done,omitempty"`  // in order; sending back adds to it, nothing is ever removed
	Ended bool       `json:"ended,omitempty"`
}

// Spot is a place where work is done: a step, who has taken it up, and in a countersign who has spoken.
type Spot struct {
	Step  string            `json:"step"`            // "" when over
	With  []string          `json:"with,omitempty"`  // who has taken it up
	Hands map[string]string `json:"hands,omitempty"` // of a countersign: by post, who has taken its part up
	Signs []Sign            `json:"signs,omitempty"` // of a countersign, in order
	Post  string            `json:"post,omitempty"`  // that has it, where assignment found another than the step names
	Lent  *Lent             `json:"lent,omitempty"`  // who lent the work to With
}

// Sign is what a post said in a countersign.
type Sign struct {
	Post    string `json:"post"`
	By      string `json:"by"`
	Outcome string `json:"outcome"`
}

// DoneStep is one handling of a step. Of a countersign there is one for each post that spoke.
type DoneStep struct {
	Step    string   `json:"step"`
	Post    string   `json:"post,omitempty"` // of a countersign
	By      []string `json:"by"`             // ids of the people who acted
	Outcome string   `json:"outcome,omitempty"`
}

// Task is a piece of work that waits for somebody: a step, or one post's part of a countersign.
type Task struct {
	Step Step
	Post string
	With []string // who has taken it up
	Lent *Lent    // on whose behalf With does it; nil: their own work
}

// Open gives the work that waits now, in the order of the flow: one task in a sequence, several in a parallel step or a countersign.
func Open(d Definition, s State) []Task {
	if s.Ended {
		return nil
	}
	d = d.Line()
	var out []Task
	for _, spot := range s.spots(d) {
		step, ok := d.Step(spot.Step)
		switch {
		case !ok:
		case step.Kind == Countersign:
			for _, post := range step.Posts {
				if !spot.spoke(post) {
					t := Task{Step: step, Post: post}
					if who := spot.Hands[post]; who != "" {
						t.With = []string{who}
					}
					out = append(out, t)
				}
			}
		default:
			t := Task{Step: step, Post: step.Post, With: spot.With, Lent: spot.Lent}
			if spot.Post != "" {
				t.Post = spot.Post
			}
			out = append(out, t)
		}
	}
	return out
}

// spots gives the places where work is done: the trunk's, or those of the lanes that are not over.
func (s State) spots(d Definition) []Spot {
	if st, _ := d.Step(s.Step); st.Kind != Parallel {
		return []Spot{s.Spot}
	}
	return slices.DeleteFunc(slices.Clone(s.Lanes), func(x Spot) bool { return x.Step == "" })
}

func (p Spot) spoke(post string) bool {
	return slices.ContainsFunc(p.Signs, func(x Sign) bool { return x.Post == post })
}

// at finds the place where a step is being done: -1 on the trunk, else the lane.
func (s State) at(d Definition, step string) (lane int, ok bool) {
	if s.Step == step && !s.Ended {
		st, _ := d.Step(step)
		return -1, st.Kind != Parallel
	}
	lane = slices.IndexFunc(s.Lanes, func(x Spot) bool { return x.Step == step })
	return lane, lane >= 0 && step != ""
}

// put gives the state with another spot on the trunk (-1) or in a lane; the slices of the state given are left alone.
func (s State) put(lane int, p Spot) State {
	if lane < 0 {
		s.Spot = p
		return s
	}
	s.Lanes = slices.Clone(s.Lanes)
	s.Lanes[lane] = p
	return s
}

func (s State) spot(lane int) Spot {
	if lane < 0 {
		return s.Spot
	}
	return s.Lanes[lane]
}

// taken gives the spot with somebody else, or nobody, who has taken the work up; of a countersign, one post's part of it.
func (p Spot) taken(step Step, post string, by []string) Spot {
	if step.Kind != Countersign {
		p.With, p.Lent = slices.Clone(by), nil
		return p
	}
	hands := map[string]string{}
	maps.Copy(hands, p.Hands)
	delete(hands, post)
	if len(by) > 0 {
		hands[post] = by[0]
	}
	if p.Hands = hands; len(hands) == 0 {
		p.Hands = nil
	}
	return p
}

// asked reports whether a countersign waits for a post.
func (p Spot) asked(step Step, post string) error {
	if !slices.Contains(step.Posts, post) || p.spoke(post) {
		return errs.New(errs.Conflict, "flow.not_asked", errs.P{"step": step.Name})
	}
	return nil
}

func (p Spot) signed(e Event) Spot {
	p.Signs = append(slices.Clip(p.Signs), Sign{e.Post, e.By[0], e.Outcome})
	return p.taken(Step{Kind: Countersign}, e.Post, nil)
}

// settled reports whether what a countersign comes to is certain: as many agree as are needed, or so many can no longer agree. Posts that have not
// spoken then need not.
func (p Spot) settled(step Step) bool {
	need, against := step.Need, 0
	if need == 0 {
		need = len(step.Posts)
	}
	for _, x := range p.Signs {
		if x.Outcome == Against {
			against++
		}
	}
	return len(p.Signs)-against >= need || against > len(step.Posts)-need
}
