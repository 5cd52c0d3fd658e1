// Package rule is the check list an item office works with: what must hold of a service item, each rule in a file of its own with the law or standard it
// rests on, how serious it is and since when it counts. It is pure: facts about agencies, the directory, regions and licences are handed in. It owns
// no tables and tells no events. The room catalog checks packs with it; the list import, the editor and the quality page show its findings.
package rule
