// Package item is what a service item is: its elements, each declared once, its scenario and what follows from the answers, and the code lists. It is
// pure: it owns no tables and tells no events. The room catalog stores items; every room above may read them through it.
package item
