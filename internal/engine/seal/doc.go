// Package seal signs PDF files with SM2 and judges signed ones, offline.
//
// A signed file is the file as rendered by engine/pdf plus one incremental update: a signature dictionary that names the licence in clear
// (TongbanLicence) and carries a detached CMS of GM/T 0010-2012 (SM3 digest, SM2 signature over the signed attributes) in a hole of fixed
// size. Verify rebuilds the CMS from what it read and compares every byte, so that there is exactly one file for one signature: anything
// else is forged. Compressed streams are never unpacked.
//
// The package is pure: no clock, no files, no database, no network. It owns no tables and sends no events. Any package above the engines
// may call it. Keys come in through Signer, so that a hardware module can stand in for software keys.
package seal
