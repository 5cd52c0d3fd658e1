// Package cases is the heart: drafts, applications and their handling from the first answer to the archive. One transition table says what may
// happen in which state; the flow of the item version says who does it; the legal clock is a function of the case's events (ClockOf) and the
// stored deadlines always equal a replay of them. Every act writes, in one transaction, the row (compare-and-set on its version), the legal
// event, the outbox, the audit record, papers, messages and timers.
//
// Who acts for another under a mandate does every verb of an applicant within its scope (mandate.go): the case belongs to the one acted for, who sees
// what was done. At a window somebody who stands there for another leaves a basis, when they apply (behalf.go) and when they fetch the result
// (handout.go). Staff act by their posts: those of the deciding agency, and at a window those of the region (access.go); who stands in for a
// colleague is written down with them. What an item wants signed is signed over exactly
// what is sent (sign.go).
//
// It owns cases_case, cases_event, cases_history, cases_material, cases_snapshot, cases_correction, cases_defect, cases_opinion,
// cases_consult, cases_choice, cases_later_rule, cases_inspection, cases_visit, cases_series, cases_signature, cases_handout and cases_alarm. Names, numbers, answers, reasons and file names are sealed; events, job
// arguments and audit texts hold ids and dates only.
//
// It tells cases.submitted, cases.received, cases.accepted, cases.deemed_accepted, cases.correction_requested, cases.correction_twice,
// cases.resubmitted, cases.refused_acceptance, cases.step_done, cases.decided, cases.certified, cases.delivered, cases.concluded,
// cases.withdrawn, cases.archived, cases.due_near, cases.due_passed and cases.acted (somebody acted for another under a mandate). Pages (casesweb, deskweb), rating, supervision and portal call it; it asks the
// rooms below through the interfaces in ports.go.
package cases
