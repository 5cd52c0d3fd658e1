// Package supervisionweb is the pages of supervision: the supervisor's cases, alarms and one case read-only, and the department's page on which
// it explains its alarms. It owns no tables; package app mounts Routes.
package supervisionweb
