package identity

import (
	"context"
	"strings"
	"time"

	"tongban/internal/base/db"
	"tongban/internal/domain/notify"
)

// deviceLife is how long a browser stays known after the last sign-in with it.
const deviceLife = 180 * 24 * time.Hour

func personOwner(id string) string { return "person:" + id }

func staffOwner(id string) string { return "staff:" + id }

func (s *Service) deviceKey(device string) string {
	if device == "" {
		return ""
	}
	return s.v.Blind("device", device)
}

// warnNewDevice tells the owner that a browser they had not used before has signed in.
func (s *Service) warnNewDevice(ctx context.Context, tx *db.Tx, now time.Time, to notify.To, sessionID string, agent string) error {
	return s.deps.Send(ctx, tx, now, notify.Message{
		Template: "identity.new_device", Key: "identity.new_device:" + sessionID, To: to, Link: "/my/devices",
		Data: map[string]string{"when": now.In(china).Format("2006-01-02 15:04"), "device": agentName(agent)},
	})
}

// agentName says in few words which browser a User-Agent is of: "Chrome · Windows". What it does not know it leaves out.
func agentName(agent string) string {
	find := func(marks [][2]string) string {
		for _, m := range marks {
			if strings.Contains(agent, m[0]) {
				return m[1]
			}
		}
		return ""
	}
	browser := find([][2]string{
		{"MicroMessenger/", "微信"},
		{"AlipayClient/", "支付宝"},
		{"Edg/", "Edge"},
		{"OPR/", "Opera"},
		{"HuaweiBrowser/", "Huawei Browser"},
		{"Firefox/", "Firefox"},
		{"Chrome/", "Chrome"},
		{"Safari/", "Safari"},
	})
	system := find([][2]string{
		{"HarmonyOS", "HarmonyOS"},
		{"OpenHarmony", "HarmonyOS"},
		{"Android", "Android"},
		{"iPhone", "iPhone"},
		{"iPad", "iPad"},
		{"Windows", "Windows"},
		{"Mac OS X", "macOS"},
		{"Linux", "Linux"},
	})
	switch {
	case browser != "" && system != "":
		return browser + " · " + system
	case browser == "" && system == "":
		return "—"
	}
	return browser + system
}
