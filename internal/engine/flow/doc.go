// Package flow is the step-tree engine: a definition of the steps inside an application's handling, and a pure function from state and event to
// the next state. It owns no tables, no events and no clock; the room cases stores State and acts on the effects, catalog and pack check definitions.
//
// A flow is a sequence: receive?, accept, any number of reviews and inspections, decide, certificate?, deliver?. Steps may depend on a condition.
// Between acceptance and decision there are also branches, parallel lanes, countersigns, consultations of other agencies and expert reviews.
// Who gets a step may follow from the case (Assign); the caller finds out and tells the engine with Place.
//
// Outcomes: accept with Refuse ends the flow; decide with Refuse skips the certificate, since a refusal is still delivered. Sending back goes to an
// earlier step, never across an acceptance or a decision already made: those are legal acts, undone only by another legal act.
package flow
