// Package supervisionweb is the pages of supervision: the supervisor's cases, cards, figures, points and thresholds, one case read-only, and the department's page on which
// it explains its alarms, answers and appeals. It owns no tables; package app mounts Routes.
package supervisionweb
