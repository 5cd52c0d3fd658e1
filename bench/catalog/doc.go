// Command catalog measures the catalogue from a city's list to a country's: how fast lists are imported by the real import, how large tables and indexes
// become, and how long search, type-ahead and browsing take while one or eight people ask at once.
//
//	go run ./bench/catalog [-n 100000] [-db sqlite|postgres] [-keep DIR] [-out DIR]
//	go run ./bench/catalog -all -out bench/catalog/results
//
// The items are made up but shaped like the real lists: some four thousand matters (the district list of the tests and the base directory of the demo city,
// without their local marks, as 新办, 变更, 延续, 注销, 补证 where that fits), offered by the offices of a made-up country of 31 provinces. Provinces choose what
// their counties offer; about two names in a hundred deviate locally; limits, telephones and places are each office's own. A seed gives the same items
// every time, and the first 100,000 of 5.2 million are the same as those of a run of 100,000.
//
// Several sizes (-n 1000000,5200000) grow one database and measure at each. PostgreSQL is a server of the command's own, durable as the platform demands
// (fsync on), with the settings it prints. With -keep the database stays and a later run goes on from there: it imports what is missing, or only measures.
// -all is the run for docs/performance.md; it stays within -limit and cuts the largest size rather than overrun. -plot only draws the results again.
package main
