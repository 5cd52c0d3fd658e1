package search

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"
)

func TestSetsOfPlacesArePacked(t *testing.T) {
	for _, level := range [][]uint8{nil, {0}, {4}, {0, 0, 3, 0, 1}, append(make([]uint8, 40_000), 2, 4)} {
		if got := unpack(pack(level), len(level)); !slices.Equal(got, level) {
			t.Errorf("%d slots: %d came back", len(level), len(got))
		}
	}
}

func TestAllCountiesFitAndTheOldestGoFirst(t *testing.T) {
	var p places
	now, reads := time.Unix(0, 0), 0
	county := make([]uint8, 30_000) // one head in ten is offered there
	for i := 0; i < len(county); i += 10 {
		county[i] = ownCounty
	}
	read := func(name string) {
		if _, err := p.get(name, now, func() ([]uint8, error) { reads++; return county, nil }); err != nil {
			t.Fatal(err)
		}
	}
	for range 2 {
		for i := range 3410 {
			read(fmt.Sprint("county ", i))
		}
	}
	if reads != 3410 || p.bytes > mostPlaceBytes {
		t.Errorf("%d reads, %d bytes", reads, p.bytes)
	}
	for i := 0; p.bytes+10_000 < mostPlaceBytes; i++ { // until it is full
		read(fmt.Sprint("town ", i))
		read("county 7") // in use all the time
	}
	for i := range 10 {
		read(fmt.Sprint("village ", i))
	}
	before := reads
	if read("county 7"); reads != before {
		t.Error("what is in use was dropped")
	}
	if read("county 0"); reads != before+1 || p.bytes > mostPlaceBytes {
		t.Errorf("the oldest stayed, or there is no bound: %d bytes", p.bytes)
	}
	p.forget()
	if _, err := p.get("county 7", now, func() ([]uint8, error) { return nil, errors.New("away") }); err != nil {
		t.Errorf("the last state does not serve on: %v", err)
	}
}
