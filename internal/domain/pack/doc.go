// Package pack loads services as data: a folder of YAML and files that adds agencies, items, forms, flows, licence types, papers and messages without
// code. It reads the folder, lets every room check its own section, reports all findings at once,
// and loads what is right in one transaction. It owns pack_pack (which version of which pack is loaded). The commands and package app call it.
package pack
