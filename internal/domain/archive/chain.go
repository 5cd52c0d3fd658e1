package archive

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"

	"github.com/emmansun/gmsm/sm3"

	"tongban/internal/domain/cases"
)

// chainAlgorithm says how the chain is made: the first link follows SM3(case number), each next SM3(hex of the last link + bytes of the event).
const chainAlgorithm = "SM3(previous hex || event), first previous = SM3(case_no)"

// link is one line of log/events.json.
type link struct {
	Event json.RawMessage `json:"event"`
	Hash  string          `json:"hash"`
}

func digestOf(b []byte) string {
	h := sm3.Sum(b)
	return hex.EncodeToString(h[:])
}

// chained writes the events of a case as a chain.
func chained(caseNo string, events []cases.Event) ([]byte, Chain, error) {
	c := Chain{Algorithm: chainAlgorithm, Count: len(events), Head: digestOf([]byte(caseNo))}
	var out bytes.Buffer
	out.WriteString("[")
	for i, e := range events {
		b, err := json.Marshal(e)
		if err != nil {
			return nil, c, err
		}
		c.Head = digestOf(append([]byte(c.Head), b...))
		if i > 0 {
			out.WriteByte(',')
		}
		out.WriteString("\n{\"event\":")
		out.Write(b)
		out.WriteString(",\"hash\":\"" + c.Head + "\"}")
	}
	out.WriteString("\n]\n")
	return out.Bytes(), c, nil
}

var errChain = errors.New("the chain of events does not hold")

// readChain follows the chain and gives its head and the events.
func readChain(caseNo string, file []byte) (Chain, []cases.Event, error) {
	c := Chain{Algorithm: chainAlgorithm, Head: digestOf([]byte(caseNo))}
	var links []link
	if err := json.Unmarshal(file, &links); err != nil {
		return c, nil, errChain
	}
	var events []cases.Event
	for _, l := range links {
		c.Head = digestOf(append([]byte(c.Head), l.Event...))
		var e cases.Event
		if c.Head != l.Hash || json.Unmarshal(l.Event, &e) != nil {
			return c, events, errChain
		}
		c.Count++
		events = append(events, e)
	}
	return c, events, nil
}
