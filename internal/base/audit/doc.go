// Package audit is the append-only record of who did or read what, on whose behalf, from where and why. Acts are written in the business
// transaction (Tx); reads of personal data are written, in groups, before the answer leaves (Log.Read). A leased sequencer numbers the rows
// and chains their SM3 hashes within a second, so that a removed or altered row shows. It owns audit_entry and audit_head. Texts in it hold no
// personal data: people appear as account ids and as the blind index of their number. Everyone may write; only identity's and the auditor's
// pages read.
package audit
