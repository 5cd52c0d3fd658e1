// Package supervision is 电子监察: rules that look at every case and raise a yellow or red card, which the department handling it explains. It reads
// cases and never changes one. It owns supervision_watch (when a case is to be looked at next, and the facts its rules need: ids and dates
// only) and supervision_alarm. It listens to the events of cases and to org.calendar_changed, and sweeps every ten minutes what has passed a
// date; it tells supervision.alarm and supervision.explained.
//
// A rule is a value in a file of its own, with its legal basis and the day it takes effect; Rules lists them. An alarm is unique by rule, case
// and occurrence, so looking twice finds nothing new. Its pages (supervisionweb) and package app call it.
package supervision
