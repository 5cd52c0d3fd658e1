// Command search measures the search of the catalog: how well lay questions find their items (questions), and how fast it is over many items (speed).
//
//	go run ./bench/search questions [-show]
//	go run ./bench/search speed [-items 100000] [-heads 20000] [-clients 8] [-time 10s] [-db URL]
//
// questions loads the district list and the demo packs into a fresh database and asks e2e/questions: the open half (dev), questions written
// later (dev2, if they are there), the held-out half (held) and questions without an answer (none). Of the held-out half it prints totals only: whoever
// improves the search must not see its questions. speed makes items of base items and agencies, deterministic for a seed, and asks for common and rare
// words from several clients at once.
package main
