package flow

import (
	"encoding/xml"
	"fmt"
	"io"
	"slices"
	"strings"

	"tongban/internal/engine/cond"
)

// The names of BPMN 2.0 (ISO/IEC 19510).
const (
	bpmnModel = "http://www.omg.org/spec/BPMN/20100524/MODEL"
	bpmnDI    = "http://www.omg.org/spec/BPMN/20100524/DI"
	omgDC     = "http://www.omg.org/spec/DD/20100524/DC"
	omgDI     = "http://www.omg.org/spec/DD/20100524/DI"
)

// Sizes in the drawing, in pixels.
const (
	taskW, taskH   = 140, 60
	gateW          = 50
	eventW         = 36
	stepX, stepY   = 190, 110
	startX, startY = 60, 80
)

// WriteBPMN writes the flow as BPMN 2.0 XML with its drawing, for other systems and for people who read such charts: a user task for each step, an
// exclusive gateway for a branch, a parallel gateway for steps at once, a multi-instance task for a countersign. Sending back is an act of the
// engine, not an edge, so no edge leads back. A step with a condition of its own stands behind an exclusive gateway.
func (d Definition) WriteBPMN(w io.Writer) error {
	c := &chart{}
	at := c.node("startEvent", "start", "提交", startX, startY)
	at, _ = c.steps(d.Steps, at, startX+stepX/2, startY)
	end := c.node("endEvent", "end", "办结", c.right, startY)
	c.edge(at, end, "", "")
	return c.write(w, d)
}

type chart struct {
	nodes []chartNode
	edges []chartEdge
	right int // x of the next free column
}

type chartNode struct {
	kind, id, name, inner string
	doc                   string // what BPMN has no element for
	x, y, w, h            int    // y is the middle
}

type chartEdge struct {
	from, to   int
	name, when string
}

func (c *chart) node(kind, id, name string, x, y int) int {
	n := chartNode{kind: kind, id: id, name: name, x: x, y: y, w: taskW, h: taskH}
	switch kind {
	case "startEvent", "endEvent":
		n.w, n.h = eventW, eventW
	case "exclusiveGateway", "parallelGateway":
		n.w, n.h = gateW, gateW
	}
	c.nodes = append(c.nodes, n)
	c.right = max(c.right, x+stepX)
	return len(c.nodes) - 1
}

func (c *chart) edge(from, to int, name, when string) {
	c.edges = append(c.edges, chartEdge{from, to, name, when})
}

// steps draws a sequence from a node and gives the node it ends in and how far down it reaches.
func (c *chart) steps(list []Step, from, x, y int) (at, bottom int) {
	at, bottom = from, y
	for _, s := range list {
		id := "s_" + strings.ReplaceAll(s.Key, ".", "_")
		switch {
		case s.Kind == Branch:
			at, bottom = c.split("exclusiveGateway", id, s.Name, at, x, y, bottom, s.Ways)
		case s.Kind == Parallel:
			var ways []Way
			for _, w := range s.Parallel {
				ways = append(ways, Way{Steps: w})
			}
			at, bottom = c.split("parallelGateway", id, s.Name, at, x, y, bottom, ways)
		case !s.When.IsZero():
			s2 := s
			s2.When = cond.Expr{}
			at, bottom = c.split("exclusiveGateway", id+"_if", s.Name+"？", at, x, y, bottom, []Way{{Name: "需要", When: s.When, Steps: []Step{s2}}, {Name: "不需要"}})
		default:
			n := c.node("userTask", id, s.Name, x, y)
			c.nodes[n].inner, c.nodes[n].doc = taskInner(s), taskDoc(s)
			c.edge(at, n, "", "")
			at = n
		}
		x = c.right
	}
	return at, bottom
}

// split draws ways between two gateways.
func (c *chart) split(kind, id, name string, from, x, y, bottom int, ways []Way) (at, down int) {
	open := c.node(kind, id, name, x, y)
	c.edge(from, open, "", "")
	first := c.right
	last, row := make([]int, len(ways)), y
	for i, w := range ways {
		before := len(c.edges)
		c.right = max(first, x+stepX)
		end, low := c.steps(w.Steps, open, first, row)
		if len(w.Steps) > 0 { // the first edge drawn leaves the gateway
			c.edges[before].name, c.edges[before].when = w.Name, condition(w.When)
		}
		last[i], row = end, max(row, low)+stepY
		bottom = max(bottom, row-stepY)
	}
	for _, n := range c.nodes {
		c.right = max(c.right, n.x+stepX)
	}
	join := c.node(kind, id+"_join", "", c.right, y)
	for i, w := range ways {
		if len(w.Steps) == 0 {
			c.edge(open, join, w.Name, condition(w.When))
			continue
		}
		c.edge(last[i], join, "", "")
	}
	return join, bottom
}

func condition(e cond.Expr) string { return e.String() }

// taskInner is what a task holds beside its edges.
func taskInner(s Step) string {
	posts := s.Posts
	if s.Kind != Countersign {
		posts = []string{s.Post}
	}
	var b strings.Builder
	if s.Kind == Countersign {
		need := s.Need
		if need == 0 {
			need = len(s.Posts)
		}
		fmt.Fprintf(&b, `<bpmn:multiInstanceLoopCharacteristics><bpmn:loopCardinality>%d</bpmn:loopCardinality><bpmn:completionCondition>nrOfAgreed &gt;= %d</bpmn:completionCondition></bpmn:multiInstanceLoopCharacteristics>`, len(s.Posts), need)
	}
	if s.Kind == Expert {
		fmt.Fprintf(&b, `<bpmn:multiInstanceLoopCharacteristics><bpmn:loopCardinality>%d</bpmn:loopCardinality></bpmn:multiInstanceLoopCharacteristics>`, s.Need)
	}
	for _, p := range posts {
		fmt.Fprintf(&b, `<bpmn:potentialOwner><bpmn:resourceAssignmentExpression><bpmn:formalExpression>%s</bpmn:formalExpression></bpmn:resourceAssignmentExpression></bpmn:potentialOwner>`, escape(p))
	}
	return b.String()
}

// taskDoc says in words what BPMN has no element for: what another agency is asked, until when, what silence means, and how the step finds who does it.
func taskDoc(s Step) string {
	var parts []string
	if s.Kind == Consult {
		parts = append(parts, s.Question)
		if s.Limit != nil {
			parts = append(parts, fmt.Sprintf("deadline: %d %s", s.Limit.N, s.Limit.Unit))
		}
		if s.Silence != SilenceWaits {
			parts = append(parts, "silence: "+s.Silence)
		}
	}
	if a := s.Assign; a != nil {
		parts = append(parts, strings.TrimSpace("assign: "+a.By+" "+a.Role+a.Field))
		for _, r := range a.Rules {
			parts = append(parts, r.When.String()+" → "+strings.TrimSpace(r.Post+" "+r.Staff))
		}
	}
	return strings.Join(slices.DeleteFunc(parts, func(p string) bool { return p == "" }), "; ")
}

func escape(s string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(s)) // a strings.Builder takes everything
	return b.String()
}

func (c *chart) write(w io.Writer, d Definition) error {
	var b strings.Builder
	fmt.Fprintf(&b, `<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="%s" xmlns:bpmndi="%s" xmlns:dc="%s" xmlns:di="%s" id="definitions" targetNamespace="urn:tongban:flow" exporter="Tongban">
  <bpmn:process id="flow_%s" name="%s" isExecutable="false">
`, bpmnModel, bpmnDI, omgDC, omgDI, escape(strings.ReplaceAll(d.Key, ".", "_")), escape(d.Name))
	for i, n := range c.nodes {
		c.writeNode(&b, i, n)
	}
	for i, e := range c.edges {
		fmt.Fprintf(&b, `    <bpmn:sequenceFlow id="e%d" name="%s" sourceRef="%s" targetRef="%s"`, i, escape(e.name), c.nodes[e.from].id, c.nodes[e.to].id)
		if e.when == "" {
			b.WriteString("/>\n")
			continue
		}
		fmt.Fprintf(&b, `><bpmn:conditionExpression xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="bpmn:tFormalExpression">%s</bpmn:conditionExpression></bpmn:sequenceFlow>`+"\n", escape(e.when))
	}
	fmt.Fprintf(&b, "  </bpmn:process>\n"+`  <bpmndi:BPMNDiagram id="diagram"><bpmndi:BPMNPlane id="plane" bpmnElement="flow_%s">`+"\n", escape(strings.ReplaceAll(d.Key, ".", "_")))
	for _, n := range c.nodes {
		fmt.Fprintf(&b, `    <bpmndi:BPMNShape id="%s_di" bpmnElement="%s"><dc:Bounds x="%d" y="%d" width="%d" height="%d"/></bpmndi:BPMNShape>`+"\n", n.id, n.id, n.x, n.y-n.h/2, n.w, n.h)
	}
	for i, e := range c.edges {
		from, to := c.nodes[e.from], c.nodes[e.to]
		fmt.Fprintf(&b, `    <bpmndi:BPMNEdge id="e%d_di" bpmnElement="e%d">`, i, i)
		for _, p := range bend(from, to) {
			fmt.Fprintf(&b, `<di:waypoint x="%d" y="%d"/>`, p[0], p[1])
		}
		b.WriteString("</bpmndi:BPMNEdge>\n")
	}
	b.WriteString("  </bpmndi:BPMNPlane></bpmndi:BPMNDiagram>\n</bpmn:definitions>\n")
	_, err := io.WriteString(w, b.String())
	return err
}

// writeNode writes a node; the documentation comes first, incoming and outgoing come before everything else (BPMN20.xsd).
func (c *chart) writeNode(b *strings.Builder, i int, n chartNode) {
	fmt.Fprintf(b, `    <bpmn:%s id="%s" name="%s"`, n.kind, n.id, escape(n.name))
	if n.kind == "exclusiveGateway" {
		for j, e := range c.edges {
			if e.from == i && e.when == "" && c.leaving(i) > 1 {
				fmt.Fprintf(b, ` default="e%d"`, j)
			}
		}
	}
	b.WriteString(">")
	if n.doc != "" {
		fmt.Fprintf(b, "<bpmn:documentation>%s</bpmn:documentation>", escape(n.doc))
	}
	for j, e := range c.edges {
		if e.to == i {
			fmt.Fprintf(b, "<bpmn:incoming>e%d</bpmn:incoming>", j)
		}
	}
	for j, e := range c.edges {
		if e.from == i {
			fmt.Fprintf(b, "<bpmn:outgoing>e%d</bpmn:outgoing>", j)
		}
	}
	fmt.Fprintf(b, "%s</bpmn:%s>\n", n.inner, n.kind)
}

func (c *chart) leaving(i int) int {
	n := 0
	for _, e := range c.edges {
		if e.from == i {
			n++
		}
	}
	return n
}

// bend draws an edge: straight in one row, otherwise down first when it leaves a gateway and up last when it joins one.
func bend(from, to chartNode) [][2]int {
	x1, x2 := from.x+from.w, to.x
	switch {
	case from.y == to.y:
		return [][2]int{{x1, from.y}, {x2, to.y}}
	case from.y < to.y:
		mid := from.x + from.w/2
		return [][2]int{{mid, from.y + from.h/2}, {mid, to.y}, {x2, to.y}}
	}
	mid := to.x + to.w/2
	return [][2]int{{x1, from.y}, {mid, from.y}, {mid, to.y + to.h/2}}
}
