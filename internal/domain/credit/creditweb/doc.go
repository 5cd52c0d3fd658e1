// Package creditweb is the pages of the list of discredited persons: officers with the right see what their agency entered, enter, decide on repair and
// read lists in; a person sees their own entries and asks for repair. It owns no tables; package app mounts Routes.
package creditweb
