// Command desk measures the officers' lists and acts over many cases: it fills a PostgreSQL database with cases (bench.Stock) and asks for inboxes,
// counts and searches as officers do, then files and accepts real applications.
//
//	go run ./bench/desk -all -out bench/desk/results
package main
