// Package job runs background work and timers from a table (job_job), written in the same transaction as the data they belong to. A job is
// delivered at least once: it is claimed under a lease, tried again with growing pauses, and kept as dead after its last try, where
// operators and supervision see it. Arguments hold ids only, never personal data. Every room may enqueue; package app registers the workers.
package job
