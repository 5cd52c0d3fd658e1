// Package packs holds the packs that come with the program: the demo city 清澜市 and its first services. They are data; this file only embeds them.
package packs

import "embed"

// FS has one folder a pack.
//
//go:embed all:qinglan all:food-licence all:elder-card
var FS embed.FS

// Names lists the packs, those that others require first.
var Names = []string{"qinglan", "food-licence", "elder-card"}
