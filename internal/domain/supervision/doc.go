// Package supervision is 电子监察: rules that look at every case and at every officer's and agency's day and show a yellow or red card, the way of a
// card from the warning to its end, and the figures of what is slow. It reads cases and never changes one.
//
// A rule is a pure function in a file of its own, with its legal basis and the day it takes effect; Rules lists them. It judges Facts (one case)
// or a Day; the numbers it goes by are Limits, which a region may set from a day on (Threshold). An alarm is unique by rule, case and occurrence,
// so looking twice finds nothing new; what led to it stands beside it. Every alarm owes an explanation by a date in working days; who does not
// give one gets a red card. The supervisor may urge with a term, the agency may appeal, and cancelling takes two supervisors (card.go). Every
// step is on record, nothing is deleted, and the cards of a month come to points of the agency.
//
// The figures (figures.go) come from tallies that events keep: the stays in steps, with a spread from which medians are read, and the cases that
// are over, with promised and actual days, trips and materials. The rows behind a tally are kept too, so that every figure leads to its very cases;
// playing the events again gives the same tallies. A case that several steps work on at once waits at the one its head shows.
//
// It owns supervision_watch (when a case is to be looked at next, and the facts its rules need: ids, dates and sums only), supervision_alarm,
// supervision_step, supervision_evidence, supervision_threshold, supervision_deed, supervision_rating, supervision_stay, supervision_tally,
// supervision_close and supervision_closed. It listens to the events of cases, to rating.given, talk.urge_unanswered and to org.calendar_changed, and sweeps every ten
// minutes what has passed a date; it tells supervision.alarm, supervision.explained and supervision.card. Its pages (supervisionweb) and package
// app call it.
package supervision
