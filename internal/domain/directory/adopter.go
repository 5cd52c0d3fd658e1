package directory

import (
	"context"

	"tongban/internal/domain/catalog/item"
)

// Adopter is one implementing item of a base item, as the catalogue above knows it.
type Adopter struct {
	Item        string // key
	Name        string
	Agency      string // key
	AgencyName  string
	Region      string // code
	UseLevel    string
	State       string // code of list state
	BaseVersion int    // it was filled in on; 0: written before the directory was kept, counts as 1
	Delegates   []item.Delegate
}

// On is the version of the base the item stands on.
func (a Adopter) On() int { return max(1, a.BaseVersion) }

// Adopters is what pages ask of the catalogue: the items of a base code, ordered by key, after a key.
type Adopters interface {
	Adopters(ctx context.Context, base, after string, limit int) ([]Adopter, error)
}
