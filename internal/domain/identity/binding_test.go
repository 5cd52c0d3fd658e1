package identity_test

import "testing"

// A stolen cookie is worth nothing in another browser; a session of the demo, which is shared, goes with whoever has it.
func TestASessionBelongsToItsBrowser(t *testing.T) {
	each(t, func(t *testing.T, k *kit) {
		token := k.signIn(t, linPhone)
		for device, want := range map[string]bool{from.Device: true, "another": false, "": false} {
			a, err := k.ActorAt(t.Context(), token, device)
			if err != nil || a.Signed() != want {
				t.Errorf("from %q signed %v, %v", device, a.Signed(), err)
			}
		}
		shared, err := k.Demo().SignIn(t.Context(), "person", linPhone, "")
		if err != nil {
			t.Fatal(err)
		}
		if a, err := k.ActorAt(t.Context(), shared, "any"); err != nil || !a.Signed() {
			t.Errorf("a demo session: %v %v", a.Signed(), err)
		}
	})
}
