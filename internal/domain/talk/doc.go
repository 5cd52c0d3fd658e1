// Package talk is what people say to each other about a case: messages between applicant and officer, urging (催办), copies for information (抄送、知会),
// and who is reminded and told when time runs out.
//
// Nothing here moves a case: a message is no correction notice and no material, an urge no act, a copy gives reading and nothing else. Who may read and
// write is asked of the room cases each time (Standing), so that a post that was taken away, or a mandate that ended, counts at once. A message can be sent
// while the case goes on and for thirty days after its end. An urge must be answered in words; one that is not is told to supervision, which
// judges it. Who is told of a deadline, and when, are rules as data (rules.yaml); the head of a post is who an administrator named
// (talk_head), otherwise whoever decides the item.
//
// It owns talk_message, talk_urge, talk_copy, talk_escalation, talk_notice (what staff are told at their desk) and talk_head. Texts, reasons, answers and file names are
// sealed; events hold ids and dates only. It tells talk.message, talk.urged, talk.urge_answered, talk.urge_unanswered, talk.copied, talk.copy_ended and talk.escalated, and
// listens to cases.due_near and cases.due_passed. Its jobs are talk.remind and talk.urge_due. The room cases asks it for copies (Shared, SharedWith), the archive
// for OfCase; its pages and API are in talkweb.
package talk
