// Package reportweb is the pages and the API of monthly statistics and exports: supervisors run, read and check reports of their region; whoever works
// at a desk exports the lists they see and fetches them. It owns no tables; only package app mounts it.
package reportweb
