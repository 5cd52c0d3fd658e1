// Package portalweb is the pages that belong to no single room: my space, the staff's start page, display preferences, the accessibility statement,
// the error page, the design system, the readable API reference and, in demo mode, the accounts and the text messages. It owns no tables; what it
// shows it asks through small interfaces that package app fills.
package portalweb
