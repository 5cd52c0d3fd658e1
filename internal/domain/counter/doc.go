// Package counter is the window of a service hall as the clerks work at it all day: who came today, why, how long they waited and who served them; the
// several things one visitor does in one go, each its own case; identity documents read by a device; pages photographed with the visitor's own phone;
// results handed out together; and the shift with its figures and the note to the next one.
//
// A visitor is somebody present at one agency's windows on one day. Whoever is being served makes every act for their cases one trip (Presence, which
// the room cases asks through its interface Here). A document read by the local agent carries proof that it came from a paired device for this very
// question (reader.go); a line from a keyboard reader and what is typed are told apart. What a phone sends waits until the clerk confirms it, and then
// becomes a file of the case with the source "phone".
//
// It owns counter_shift, counter_visitor, counter_line, counter_read, counter_phone and counter_page. Names, numbers, notes, file names and network
// addresses are sealed; a visitor is found by the blind index of the number, and their data is erased after Keep. It tells no events: what happens to
// a case is told by cases. Its pages and API are counterweb; every look at a visitor is on record.
package counter
