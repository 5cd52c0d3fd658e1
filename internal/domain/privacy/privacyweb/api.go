package privacyweb

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"tongban/internal/base/errs"
	"tongban/internal/base/web"
	"tongban/internal/domain/privacy"
	"tongban/internal/engine/clock"
)

const (
	defaultLimit = 100
	mostLimit    = 1000
	mostOffset   = 100_000 // whoever has more looks asks by shorter periods
	ownSystem    = "tongban"
)

// usage is one look in the shape of Estonia's Data Tracker.
type usage struct {
	Logtime        string `json:"logtime"` // RFC 3339
	Action         string `json:"action"`
	ReceiverCode   string `json:"receiverCode"` // unified social credit code of the agency
	ReceiverName   string `json:"receiverName"`
	ReceiverSystem string `json:"receiverSystem"`
}

// findUsage answers who used the caller's data in a period. Errors are problem documents (RFC 9457), as everywhere under /api/.
func (h handlers) findUsage(w http.ResponseWriter, r *http.Request) error {
	q, err := h.usageQuery(r.URL.Query())
	if err != nil {
		return err
	}
	total, rows, err := h.s.Usages(r.Context(), actor(r), q)
	if err != nil {
		return err
	}
	out := struct {
		TotalUsages int     `json:"totalUsages"`
		Usages      []usage `json:"usages"`
	}{total, []usage{}}
	for _, a := range rows {
		out.Usages = append(out.Usages, usageOf(r.Context(), a))
	}
	return web.JSON(w, http.StatusOK, out)
}

func usageOf(ctx context.Context, a privacy.Access) usage {
	u := usage{Logtime: a.At.In(clock.Shanghai).Format(time.RFC3339), Action: whatText(ctx, a), ReceiverCode: a.Code, ReceiverName: a.Agency, ReceiverSystem: a.System}
	if u.Action == "" {
		u.Action = t(ctx, "privacy.action_read")
	}
	if a.Reason != "" {
		u.Action += t(ctx, "privacy.action_reason", errs.P{"reason": a.Reason})
	}
	if u.ReceiverName == "" {
		u.ReceiverName = who(ctx, a).Text
	}
	if u.ReceiverSystem == "" {
		u.ReceiverSystem = ownSystem
	}
	return u
}

// usageQuery reads the parameters: dates or instants, both inclusive when they are dates; without them, the last year.
func (h handlers) usageQuery(v url.Values) (privacy.UsageQuery, error) {
	now := h.Now()
	q := privacy.UsageQuery{Code: v.Get("userCode"), From: now.AddDate(-1, 0, 0), Until: now.Add(time.Millisecond), Limit: defaultLimit}
	var fs []errs.Field
	bad := func(name string) {
		fs = append(fs, errs.Field{Path: name, Key: "privacy.query_" + name, Params: errs.P{"max": mostLimit}})
	}
	if q.Code == "" || len(q.Code) > 30 {
		bad("userCode")
	}
	var ok bool
	if s := v.Get("periodStart"); s != "" {
		if q.From, _, ok = instant(s); !ok {
			bad("periodStart")
		}
	}
	if s := v.Get("periodEnd"); s != "" {
		var day bool
		if q.Until, day, ok = instant(s); !ok {
			bad("periodEnd")
		} else if day {
			q.Until = q.Until.AddDate(0, 0, 1)
		}
	}
	if s := v.Get("offset"); s != "" {
		n, err := strconv.Atoi(s)
		if q.Offset = n; err != nil || n < 0 || n > mostOffset {
			bad("offset")
		}
	}
	if s := v.Get("limit"); s != "" {
		n, err := strconv.Atoi(s)
		if q.Limit = n; err != nil || n < 1 || n > mostLimit {
			bad("limit")
		}
	}
	if len(fs) == 0 && !q.From.Before(q.Until) {
		bad("periodEnd")
	}
	return q, errs.Fields("privacy.invalid", fs)
}

// instant reads a date (its start in Asia/Shanghai) or an RFC 3339 instant.
func instant(s string) (at time.Time, day, ok bool) {
	if at, err := time.ParseInLocation(time.DateOnly, s, clock.Shanghai); err == nil {
		return at, true, true
	}
	at, err := time.Parse(time.RFC3339, s)
	return at, false, err == nil
}
