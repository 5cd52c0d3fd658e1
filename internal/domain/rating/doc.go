// Package rating is 好差评: whoever was served at a contact rates it once, in five grades, and the agency answers every bad rating (国办发〔2019〕
// 51号). It owns rating_contact (what may be rated), rating_rating and rating_answer. It listens to cases.submitted, cases.resubmitted,
// cases.refused_acceptance, cases.decided and cases.delivered, and tells rating.given, rating.bad and
// rating.answered.
//
// The rater is protected: nothing a member of staff can open through this package names the rater or leads to the case; the person is kept as a
// blind index, the text sealed, and the audit record of a rating names the rating, not who gave it. A contact nobody rated is counted as
// unrated and never as a good one.
//
// Its pages (ratingweb) and package app call it; it asks the cases room one question through Cases.
package rating
