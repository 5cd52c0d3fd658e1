// Package search finds service items in a person's own words. It is a part of the catalog and owns these of its tables: catalog_head (one row for each
// distinct set of names that items bear: a base item that two thousand agencies adopted is one head), catalog_head_use (how many items bear a head and
// whom they serve), catalog_head_text (the words of a head: FTS5 on SQLite, tsvector on PostgreSQL), catalog_agency_name, catalog_synonym (everyday
// words added by an office), catalog_search_log and catalog_search_click (what is looked for, without people). It publishes no events.
//
// Heads, their words and the text index are written in the transaction of the item (PutTx). Each node keeps the heads with the words of their names in
// memory and follows catalog_change: that is where a question is matched and ranked, where the type-ahead and the correction of typing errors live, and
// why a word that stands in every fifth name costs no more than a rare one. The index of the database answers for everything else an item says: its
// summary, materials, results. Only the items of a page are read from catalog_item, the nearest agency of each head first.
//
// Package catalog calls it; its office pages stand in catalogweb.
package search
