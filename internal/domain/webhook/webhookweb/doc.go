// Package webhookweb holds the desk pages of webhooks, below /admin/webhooks, and their operations in /api/v1/webhooks. It owns no tables.
package webhookweb
