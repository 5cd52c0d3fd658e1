// Package catalogweb holds the pages and endpoints of the catalog: home, lists, start pages of items with their files, themes, agencies, the item
// office's pages, and /api/v1/items. It contains no SQL. Package app mounts it.
package catalogweb
