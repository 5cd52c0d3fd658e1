// Package catalog holds the service items: what people can apply for, its guide, scenario, materials, form and flow, by version; the lists of items
// that are imported; and search by plain words. It is one room in five packages: item (what an item is: elements, scenario, code lists), rule (the checks an item
// office works with) and list (reading and writing lists) are pure; search keeps the words; this one stores and serves.
//
// It owns catalog_item (the current version of each item with what lists, filters and search need of it, and its state: in use, suspended, cancelled),
// catalog_version (every version, never changed), catalog_definition (forms, flows and decision tables, by version), catalog_file (samples and blank
// forms), catalog_tally (how many items in use regions, agencies, themes and life events have), catalog_change (one number that every change raises),
// catalog_quality with its sums and state (what the rules find in each item, written behind the items: score.go),
// catalog_import and its parts (lists on their way in), and the tables of package search. It tells catalog.published (an item has a new current version)
// and catalog.state_changed. Every room above it may call it; it asks org for agencies.
//
// Every item is written by writer.put or, for lists of thousands, by bulk: version, row, counts and words in one transaction. Reads come from the
// database. Each node keeps what was asked for last (parsed items, pages of lists) and all counts, looks at catalog_change before it answers (at most every
// 50 ms) and drops what changed, so that an import by another process shows at once. While the database is away, what is in memory serves on. A list of
// few rows is sorted; a long one is walked along its index, so that no page reads all rows.
package catalog
