// Package event is the outbox: a fact is written in the transaction that makes it true (event_event) together with a job that delivers it to
// the listeners wired in package app. Each listener works in a transaction that also notes that it has seen the event (event_seen), so its
// effect on the database happens exactly once; what must leave the database, it hands to a job. Events carry ids only, never personal data.
package event
