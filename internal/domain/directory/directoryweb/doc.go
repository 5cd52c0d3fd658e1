// Package directoryweb is the item office's pages of the base directory and the dictionaries: base items with their history and adopters, changes on their
// way, who exercises what in which region, code lists and the tables that translate them, and the public API of code lists. It owns no tables.
package directoryweb
