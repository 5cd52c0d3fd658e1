// Package crash holds the fault tests of the whole program: it is built, run on real data, killed, starved of disk and cut off from its
// database, and afterwards everything it acknowledged must be there exactly once. It is tests only; README.md says how they are run.
package crash
