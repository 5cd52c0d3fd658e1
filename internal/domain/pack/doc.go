// Package pack loads services as data: a folder of YAML and files that adds agencies, items, forms, flows, licence types, papers and messages without
// code. It reads the folder, lets every room check its own section, reports all findings at once,
// and loads what is right in one transaction. It keeps the files of what is loaded, so that a pack can be changed in the browser (a change is a few
// files laid over it, checked as a whole), exported as a packed folder and read from one: loaded elsewhere it gives the same rows.
//
// It owns pack_pack (which version of which pack is loaded) and pack_file (its files). The commands, the room design and package app call it.
package pack
