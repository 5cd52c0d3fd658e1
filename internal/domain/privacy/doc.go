// Package privacy is the person's side of every look at personal data: who saw it, by which agency and system, for which purpose and case (个人信息
// 保护法 44, 45), a complaint about a look and its answer (个人信息保护法 50), the export of one's account data and the end of one's account (45, 47), and
// the ID number shown only on demand with a reason. It also keeps lawful delays: where a law forbids to tell the person at once (个人信息保护法 18, 35), an
// order by one auditor, approved by another, hides the looks of one agency until a date, at most twelve months away; on that date they show by
// themselves, with the basis. Nothing a person can ask tells that an order exists before that date: hidden looks are in no list, count or page.
//
// It owns privacy_complaint and privacy_delay; the looks themselves are base/audit's. It tells privacy.complained, privacy.answered,
// privacy.overdue and privacy.erased, and listens to identity.merged. Its pages (privacyweb) and package app call it; it asks identity and org, and
// the other rooms through Source and Ender.
package privacy
