package roster_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"patchbay"
	"patchbay/internal/roster"
	"patchbay/internal/testkit"
)

// BenchmarkChoose is what a run pays before its first step, with the operator's key and
// with a person's, which is read from the store each time.
func BenchmarkChoose(b *testing.B) {
	api := testkit.NewModels(b)
	for name, p := range map[string]*patchbay.Provider{"operator": custom("box", api), "person": personal("box", api)} {
		b.Run(name, func(b *testing.B) {
			w := newWorld(b, anywhere, p)
			ada := w.user("ada")
			if p.KeySource == patchbay.KeyUser {
				require.NoError(b, w.s.SetKey(b.Context(), ada, "box", roster.Key{Secret: patchbay.NewSecret("fake-ada")}))
			}
			b.ReportAllocs()
			for b.Loop() {
				if _, err := w.s.Choose(b.Context(), ada, "box", "m"); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkProviders lists ten providers whose models are known.
func BenchmarkProviders(b *testing.B) {
	api := testkit.NewModels(b)
	var all []*patchbay.Provider
	for i := range 10 {
		all = append(all, custom(fmt.Sprint("box", i), api))
	}
	w := newWorld(b, anywhere, all...)
	ada := w.user("ada")
	w.providers(ada)
	b.ReportAllocs()
	for b.Loop() {
		w.providers(ada)
	}
}
