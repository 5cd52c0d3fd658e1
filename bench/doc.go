// Package bench measures Tongban from inside: how many applications a second the case engine takes in, against a bare transaction that writes the
// same rows, and the small benchmarks that show when an engine or a page becomes slower. bench/load measures the built server from outside.
// It owns the tables bare_* of the databases it makes for a measurement, nothing else, and no test depends on a figure. Nobody imports it but
// bench/load.
package bench
