// Package rig is what the measuring commands share: a PostgreSQL server of their own with the settings the manual recommends, what the machine and the
// process use, and small charts. Only commands under bench/ import it.
package rig
