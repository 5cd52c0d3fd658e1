package app

import (
	"tongban/internal/base/audit"
	"tongban/internal/base/blob"
	"tongban/internal/base/db"
	"tongban/internal/base/event"
	"tongban/internal/base/idem"
	"tongban/internal/base/job"
	"tongban/internal/domain/archive"
	"tongban/internal/domain/cases"
	"tongban/internal/domain/catalog"
	"tongban/internal/domain/counter"
	"tongban/internal/domain/credit"
	"tongban/internal/domain/design"
	"tongban/internal/domain/desk"
	"tongban/internal/domain/directory"
	"tongban/internal/domain/elsewhere"
	"tongban/internal/domain/factor"
	"tongban/internal/domain/federation"
	"tongban/internal/domain/govstack"
	"tongban/internal/domain/identity"
	"tongban/internal/domain/licence"
	"tongban/internal/domain/mandate"
	"tongban/internal/domain/notify"
	"tongban/internal/domain/org"
	"tongban/internal/domain/pack"
	"tongban/internal/domain/paper"
	"tongban/internal/domain/privacy"
	"tongban/internal/domain/rating"
	"tongban/internal/domain/report"
	"tongban/internal/domain/sso"
	"tongban/internal/domain/supervision"
	"tongban/internal/domain/talk"
	"tongban/internal/domain/webhook"
)

// Schemas lists the owners of tables, in the order in which they are migrated.
var Schemas = []db.Room{
	job.Schema, event.Schema, audit.Schema, blob.Schema, idem.Schema,
	org.Schema, notify.Schema, factor.Schema, identity.Schema, mandate.Schema, federation.Schema, sso.Schema, privacy.Schema,
	directory.Schema, catalog.Schema, paper.Schema, licence.Schema, credit.Schema, cases.Schema, talk.Schema, desk.Schema, counter.Schema, archive.Schema, rating.Schema, supervision.Schema, report.Schema, pack.Schema, design.Schema, webhook.Schema, elsewhere.Schema, govstack.Schema,
}
