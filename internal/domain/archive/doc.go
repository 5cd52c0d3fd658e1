// Package archive is 电子归档 (国务院令第716号; DA/T 85-2019 as far as it is known): when a case is over it makes one sealed package of all that
// belongs to it, keeps it as long as the schedule says, and examines it for 真实性, 完整性, 可用性 and 安全性 when it is made, by a monthly job and
// on demand.
//
// A package is a ZIP without compression in one canonical form (box.go): manifest.json first, then the agency's SM2 signature over it and the
// signer's certificates, then the entries in the manifest's order. For a manifest there is exactly one such file, so a byte changed anywhere is
// found, and reading needs one pass and constant memory. It is stored encrypted in base/blob.
//
// It owns archive_package, archive_check, archive_series, archive_export and archive_part. It listens to the ends of a case (cases.concluded,
// refused_acceptance, withdrawn, ended); its jobs are archive.make, archive.recheck, archive.export and archive.expire; it tells archive.made,
// archive.unsound and archive.exported. It asks cases for a whole case by Dossier, and paper and licence for their signed files. Its pages
// (archiveweb) and the command tongban verify call it. Whoever reads is recorded in audit before anything is shown.
package archive
