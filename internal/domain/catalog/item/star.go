package item

import "slices"

// The depths of service online (L8) the stars and grades ask for.
const (
	depthReceive = "2"
	depthReview  = "3"
	depthAccept  = "4"
	depthHandle  = "5"
	depthTell    = "6"
	depthLicence = "7"
)

// Star says how much of an item can really be done online: 0 when it cannot be applied for online; 3 when the application is accepted online; 4 when
// nobody has to come and it is handled online from end to end; 5 when besides the platform does it all: result and payment online, and licences the
// government holds are fetched and not asked for. What another system does is believed up to 4.
func Star(it *Item) int {
	deep := func(codes ...string) bool {
		return !slices.ContainsFunc(codes, func(c string) bool { return !slices.Contains(it.Depth, c) })
	}
	elsewhere := it.Online == OnlineExternal && it.URL != ""
	trips, _ := Trips(it)
	switch {
	case !it.Applicable() && !elsewhere, !deep(depthAccept):
		return 0
	case it.Visits == nil, *it.Visits > 0, trips > 0, !deep(depthHandle):
		return 3
	case elsewhere, !it.tellsOnline(), it.Fee.Charged && first(it.Extra["pay_online"]) != "1", it.asksForLicences():
		return 4
	}
	return 5
}

// tellsOnline reports whether the result comes online.
func (it *Item) tellsOnline() bool {
	switch it.Result.Kind {
	case "none":
		return true
	case "licence":
		return it.Result.LicenceType != "" && slices.Contains(it.Depth, depthLicence)
	}
	return slices.Contains(it.Depth, depthTell)
}

// asksForLicences reports whether the applicant has to hand in what the government issued.
func (it *Item) asksForLicences() bool {
	return slices.ContainsFunc(it.Materials, func(m Material) bool {
		return m.Source == FromApplicant && m.Required == RequiredYes && (m.LicenceType != "" || m.Origin == "20")
	})
}

// Trips are the trips to the hall that follow from the other elements, and why: the key of a text, "" for none. A material that is asked for in some
// situations only counts as well: it is what one has to reckon with. A guide should not promise fewer (Item.Visits).
func Trips(it *Item) (n int, why string) {
	mail := slices.Contains(it.Channels, "4")
	online := it.Applicable() || it.Online == OnlineExternal && slices.ContainsFunc(it.Channels, func(c string) bool { return c == "2" || c == "3" })
	switch {
	case slices.ContainsFunc(it.Materials, func(m Material) bool { return m.InPerson && m.Required != RequiredNo }):
		n, why = 1, "item.trips_in_person"
	case !online && !mail:
		n, why = 1, "item.trips_hand_in"
	case !mail && first(it.Extra["express"]) != "1" && slices.ContainsFunc(it.Materials, mustGo):
		n, why = 1, "item.trips_paper"
	}
	if it.mustCollect() && (n == 0 || !it.Limits.OnTheSpot) {
		n++
		if why == "" {
			why = "item.trips_collect"
		}
	}
	return n, why
}

// mustGo reports whether a material exists on paper only and has to be handed in.
func mustGo(m Material) bool {
	return m.Source == FromApplicant && m.Required == RequiredYes && m.Medium == "paper" && m.Original+m.Copies > 0
}

// mustCollect reports whether the result is handed out at the counter and nowhere else, as far as the item says how.
func (it *Item) mustCollect() bool {
	ways := it.Extra["delivery"]
	return it.Result.Kind != "none" && len(ways) > 0 && !slices.ContainsFunc(ways, func(w string) bool { return w != "window" })
}

// Grade is the grade of service online some provinces use, from the depth and the trips: I the guide is public, II looked at in advance (at most two
// trips), III originals checked at the end (at most one), IV all online (none). "" when nothing is said of the depth.
func Grade(it *Item) string {
	deep := func(c string) bool { return slices.Contains(it.Depth, c) }
	switch {
	case len(it.Depth) == 0:
		return ""
	case deep(depthHandle) && it.comesAtMost(0) && it.Online != OnlineGuide:
		return "IV"
	case (deep(depthAccept) || deep(depthHandle)) && it.comesAtMost(1):
		return "III"
	case slices.ContainsFunc([]string{depthReceive, depthReview, depthAccept, depthHandle}, deep) && it.comesAtMost(2):
		return "II"
	}
	return "I"
}

// comesAtMost reports whether it is known that so many trips are enough.
func (it *Item) comesAtMost(n int) bool { return it.Visits != nil && *it.Visits <= n }
