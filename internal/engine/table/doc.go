// Package table is the decision table: rows of conditions in the one condition language, each with what follows (an application that cannot be sent,
// a warning, materials that are needed) and its legal basis, together with the cases the table must answer rightly before it is published. It owns no
// tables in the database and no events; package catalog stores and applies decision tables.
package table
