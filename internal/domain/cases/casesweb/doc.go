// Package casesweb is the applicant's way through a case: starting, the questions, the form page by page, materials, checking, sending, the receipt,
// the progress page with papers, correction and withdrawal, the look-up without an account, and the cases part of /api/v1 (officers' acts too). It
// owns no tables and no rule: what may be done, by whom and on which version is the service's to say. Package app mounts Routes and API.
// The desk borrows Sections to show the same form.
package casesweb
