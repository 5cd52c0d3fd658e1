// Package ui is the design system: the page shell for the portal and the desks, every component of a page as a typed templ component, and
// the built style sheet and scripts, embedded. It owns no tables and no events, knows no room and no engine, and holds no rule: rooms give it
// texts that are already masked and translated. All of it works without JavaScript; nothing in it is an inline style or script.
// Every room's web package may call it. The showcase of all components is [DesignSystem].
package ui
