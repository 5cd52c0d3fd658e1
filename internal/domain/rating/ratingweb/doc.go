// Package ratingweb is the pages of rating: a person rates a contact and reads the answer, an agency verifies and answers its bad ratings
// without learning who gave them, and everybody sees the figures. It owns no tables; package app mounts Routes.
package ratingweb
