// Package catalog holds the service items: what people can apply for, its guide, scenario, materials, form and flow, by version; the import of lists;
// and search by plain words.
//
// It owns catalog_item (the current version of each item), catalog_version (every version, never changed), catalog_definition (forms and flows, by
// version), catalog_file (samples and blank forms) catalog_change (one number that every change raises) and catalog_import (reports of lists). It tells catalog.published (an item has a
// new current version). Every room above it may call it; it asks org for agencies.
//
// Reads are answered from a snapshot in memory: all current items with their order, groups and word index. Each node looks at catalog_change before it
// answers (at most every 50 ms) and reads only the items that changed, so a list imported by another process is found at once, the answer is the same
// on both engines by construction, and a search costs some tens of microseconds. An index inside the database was weighed and left: FTS5 and tsvector
// rank differently and neither finds Chinese words of two characters without a tokenizer of our own, and a portable token table made search the
// dearest query of the portal. At some ten thousand items the index takes a few megabytes; a province-wide index of millions is another service.
package catalog
