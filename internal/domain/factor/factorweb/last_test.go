package factorweb_test

import (
	"strings"
	"testing"

	"github.com/pquerna/otp/totp"

	"tongban/internal/domain/factor"
)

// bind gives an owner the test's certificate and gives its id.
func (w *world) bind(t *testing.T, who string) string {
	t.Helper()
	owner := visitors[who].Name()
	ask, err := w.s.BeginCertificate(t.Context(), owner)
	must(t, err)
	signature, err := w.sign.Sign([]byte(ask.Text))
	must(t, err)
	c, err := w.s.AddCertificate(t.Context(), visitors[who], owner, ask.ID, w.sign.Chain()[0].Raw, signature)
	must(t, err)
	return c.ID
}

func (w *world) methods(t *testing.T, owner string) factor.Methods {
	t.Helper()
	m, err := w.s.Methods(t.Context(), owner)
	must(t, err)
	return m
}

func TestAnAdministratorKeepsOneStrongKey(t *testing.T) {
	w := newWorld(t)
	id := w.bind(t, "auditor")
	for _, who := range []string{"auditor", "limited"} {
		if p := w.as(who).Post("/my/security/certificates/"+id+"/remove", nil, 409); !strings.Contains(string(p.Raw), "最后一个通行密钥或证书") {
			t.Errorf("%s: %s", who, p.Raw)
		}
	}
	if len(w.methods(t, "staff:s2").Certificates) != 1 {
		t.Error("it is gone")
	}
	w.as("auditor").Post("/my/security/certificates/none/remove", nil, 404)
}

func TestStaffWithoutAPhoneKeepASecondStep(t *testing.T) {
	w := newWorld(t)
	id := w.bind(t, "officer")
	setup, err := w.s.BeginTOTP(t.Context(), "staff:s1", "n")
	must(t, err)
	code, err := totp.GenerateCode(setup.Secret, w.now)
	must(t, err)
	must(t, w.s.ConfirmTOTP(t.Context(), visitors["officer"], "staff:s1", code))
	w.noSMS = true
	me := w.as("officer")
	me.Post("/my/security/app/remove", nil, 200)
	if p := me.Post("/my/security/certificates/"+id+"/remove", nil, 409); !strings.Contains(string(p.Raw), "第二步") {
		t.Errorf("%s", p.Raw)
	}
	w.noSMS = false
	me.Post("/my/security/certificates/"+id+"/remove", nil, 200)
	if m := w.methods(t, "staff:s1"); len(m.Certificates) != 0 || m.TOTP {
		t.Errorf("%+v", m)
	}
}
