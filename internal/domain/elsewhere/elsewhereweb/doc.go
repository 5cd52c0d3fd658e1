// Package elsewhereweb is the web of the room elsewhere: where other systems send their events and fetch files (signed with the key both sides share), the
// operators' page of what is stuck and how both sides differ, and the security administrator's page of connected systems. It owns no tables.
package elsewhereweb
