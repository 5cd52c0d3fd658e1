// Package mandate is who may act for whom: agents (经办人) a firm's legal representative appoints, mandates people give to family or to whoever
// cares for them, and guardians of minors. A mandate has a scope (items, acts), a term (days in Asia/Shanghai, the last one included) and a
// state: asked, active, ended with why and when. Whether it stands is computed at the question ([Now]); jobs only write down and tell what the
// rule already says. Nobody hands on what they hold: there is no sub-mandate.
//
// Law it follows: 民法典 17, 18, 23, 27 (minors and their guardians), 161–174 (agency and its ends), 202 (days and years). If a firm's legal
// representative changes, the agents they appointed stay: the firm appointed them (民法典 61, 170), and none of the ends of 民法典 173 is met. The new
// one is told, and what they have not confirmed within 30 days lapses ([Config.ConfirmDays]).
//
// Tables: mandate_mandate, mandate_act (acts in the name of another), mandate_step (a mandate's history), mandate_draft, mandate_lock, mandate_try.
// Events: [Started], [EndedEvent]. It hears identity.merged and identity.died. It implements identity's question MayAct, asked at every
// request of a session that acts for another. Rooms above call Acted in the transaction of the act. Only mandateweb holds its pages.
package mandate
