// Package elsewhere is the border to the systems of other authorities in which cases are really handled: most matters live there. What is sent in here
// goes to them as signed requests (out.go), what they do comes back as signed events (in.go), and once a day both sides are compared
// (reconcile.go), so that a lost or late message is found.
//
// Nothing is lost and nothing counts twice. What is to go out stands in elsewhere_out, written with the fact that caused it, in order for each case, until the
// other side has taken it; what comes in stands in elsewhere_in as it was received, and is applied in the other side's own order, each message once.
// What cannot be sent or applied is parked with its reason, seen by operators, and done again by hand.
//
// It owns elsewhere_system (keys sealed), elsewhere_out, elsewhere_in (bodies sealed), elsewhere_run and elsewhere_difference. It tells no events: what
// another system does to a case the room cases tells, as for officers. Its pages are elsewhereweb; package line speaks HTTP; package app wires it.
package elsewhere
