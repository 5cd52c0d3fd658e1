// Package licenceweb is the pages and the endpoint of licences: 我的证照 for holders, and verification for everyone by file, by identifier and
// by QR code. It owns no tables. Files sent for verification stay in memory and are not kept.
package licenceweb
