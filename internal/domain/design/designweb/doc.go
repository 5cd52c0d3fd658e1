// Package designweb shows how services are made without code: the list of changes, the overview of one as a list of tasks, the editor of an item made
// from its elements, materials with a picker for conditions, samples, the check page, approval by a second person and legal review with the
// difference, publishing now or at a time, export and import of folders. The designers of forms, flows, papers, licences, tables and scenarios stand in
// files of their own; their islands in the browser talk JSON to the data address of a definition (data.go). All pages work without JavaScript.
// It owns no tables.
package designweb
