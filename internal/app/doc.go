// Package app is the roof: it makes every room, hands each what it asks for, and mounts routes, jobs and listeners. It holds wiring only, no rules,
// no SQL, no pages. The commands call it.
package app
