// Package licence issues electronic licences and says whether one is genuine and in force.
//
// A licence is issued in the transaction of its decision: it gets its identifier 证照标识 (GB/T 36904) and its number; a job renders it from the
// layout of its type, signs it with the agency's SM2 key and stores it. Its state changes only by an act with a reason, and every step of its life is
// dated (change.go): one that is changed, renewed or corrected is superseded by another under the same number, which names it. Anyone can verify
// one by file or by identifier; the holder sees who did, and where it was used.
//
// It owns licence_type, licence_series, licence_licence, licence_change and licence_use. Its events are licence.issued, licence.ready, licence.failed and
// licence.state_changed; its job is licence.make. It stands above paper, whose keys, printing and layout checks it uses, and below cases.
// Callers judge who may read a licence; its own pages show a person only what that person or the firm acted for holds.
package licence
