// Package paper makes the legal papers of a case: acceptance, correction, refusal to accept, grant, refusal, delivery, receipt and inspection
// record. Each has a number of its agency's series, a date, the agency's seal and, where the law wants them, reason and remedies
// (行政许可法 32, 38); it is rendered from a template of a pack, signed with the agency's SM2 key and kept with the case.
//
// It owns paper_template, paper_series, paper_paper and paper_delivery, and the folder of agency keys (Keyring). Its events are paper.issued,
// paper.ready, paper.failed and paper.delivered; its job is paper.make. It knows org and nothing above; licence borrows Produce and
// CheckLayout. Who may read a paper is for its callers to judge.
package paper
