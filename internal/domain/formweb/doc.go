// Package formweb turns the form engine's view into what the design system draws. It is the one renderer of forms: the applicant's pages, the window
// and the form designer's preview use it. It owns no tables and no events.
package formweb
