package backchannel_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"tongban/internal/domain/sso/backchannel"
)

func TestOnlyAClearAnswerCounts(t *testing.T) {
	got, followed := "", false
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/moved":
			http.Redirect(w, r, "/elsewhere", http.StatusTemporaryRedirect)
		case "/elsewhere":
			followed = true
		case "/broken":
			w.WriteHeader(http.StatusInternalServerError)
		default:
			got = r.Method + " " + r.PostFormValue("logout_token")
		}
	}))
	s := backchannel.New()
	if err := s.Send(t.Context(), srv.URL+"/out", "a.b.c"); err != nil || got != "POST a.b.c" {
		t.Errorf("sent %q: %v", got, err)
	}
	for _, path := range []string{"/moved", "/broken"} {
		if err := s.Send(t.Context(), srv.URL+path, "a.b.c"); err == nil {
			t.Errorf("%s counts as delivered", path)
		}
	}
	if followed {
		t.Error("the token followed a redirect")
	}
	srv.Close()
	if err := s.Send(t.Context(), srv.URL+"/out", "a.b.c"); err == nil {
		t.Error("nobody there counts as delivered")
	}
}
