// Package webhook tells departments' systems what happens to cases: every event of the cases room that a subscription asks for is sent as a signed
// HTTP POST (Standard Webhooks 1.0.0, in the form of CloudEvents 1.0), at least once, for each case in the order in which it happened.
//
// A subscription belongs to an agency. System administrators keep those of the agencies they reach, operators those of their own agency; only an
// administrator may let one hear of all agencies of a region. Messages hold ids, states and dates and never say who: the fields that lead to a
// person are withheld ([Topics] lists what is left).
//
// Tables: webhook_subscription (its address sealed), webhook_secret (sealed; two at once while one is being changed), webhook_health (how the
// target does), webhook_delivery (one event for one subscription; the queue), webhook_attempt (what the target answered, sealed) and webhook_replay.
// An event is fanned out in the transaction in which the room hears of it. Sending is a loop of its own on every node ([Service.Run]) that claims
// deliveries under a lease, because a target that hangs must not hold up text messages in the common queue of jobs; replays are jobs. Within one
// subscription and case a delivery waits until the one before it was taken or parked. A failed one is tried again for three days with growing,
// jittered pauses, then parked (dead), where people see it and may send it again. A target that fails ten times in a row is paused and only probed.
//
// It hears the topics of cases and tells none. Package push sends; pages and API are in webhookweb.
package webhook
