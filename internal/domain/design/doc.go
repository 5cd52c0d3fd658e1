// Package design is how services are made without code. One unit of work is a change (变更): a small set of pack files edited in the browser, laid over a
// pack. The rooms that check packs check it as a whole, a second person of an item office approves it, legal review follows, and it is published
// now or at a set time by the loader of packs. So whatever is made here exports as a pack and loads into another installation identically. A
// change may also suspend, cancel or take up again an item that is published; the same two persons look at it.
//
// Files stand as YAML written from the typed structures of the rooms and engines. While a change is a draft, every file has a revision of its own:
// whoever saves on top of an older one is told so and gets both texts. What is sent is sealed by a hash over all files; a published change is never
// altered again. The author, and whoever wrote into a change, approves none of it; legal review is a third person.
//
// It owns design_change, design_file, design_author and design_step. It tells design.published; its job is design.publish (a change whose time has
// come). It asks org who stands over which agency, catalog for what is published, and pack for the files of packs. Only designweb and package app
// call it.
package design
