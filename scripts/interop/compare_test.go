//go:build interop

package interop

import (
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"goser/scripts/interop/internal/peer"
	"goser/scripts/interop/internal/talk"
)

var self = flag.Bool("self", false, "compare Kamailio with itself: tests the cases, not us")

func TestMain(m *testing.M) { os.Exit(peer.Main(m)) }

// TestSameAsKamailio has every conversation of testdata with both servers. What they say must be the
// same, except where the case names a difference: there both must say what the case expects.
func TestSameAsKamailio(t *testing.T) {
	cases, err := talk.Load("testdata")
	if err != nil {
		t.Fatal(err)
	}
	if len(cases) < 40 {
		t.Errorf("%d cases, want at least 40", len(cases))
	}
	ours := peer.Ours
	if *self {
		ours = peer.Kamailio
	}
	for _, c := range cases {
		t.Run(c.Name, func(t *testing.T) {
			t.Parallel()
			theirs, mine := talk.Run(t, c, peer.Kamailio), talk.Run(t, c, ours)
			diff := cmp.Diff(theirs, mine)
			if diff != "" && len(c.Differs) == 0 {
				theirs, diff = again(t, c, theirs, mine, diff)
			}
			if testing.Verbose() {
				t.Logf("Kamailio:\n%s", strings.Join(theirs, "\n"))
				t.Logf("ours:\n%s", strings.Join(mine, "\n"))
			}
			if len(c.Differs) == 0 {
				if diff != "" {
					t.Errorf("%s\nthey differ (-Kamailio +ours):\n%s", c.Doc, diff)
				}
				return
			}
			if diff == "" && !*self {
				t.Errorf("%s\nthe two say the same, but the case names the difference %q", c.Doc, c.Differs[0].Name)
			}
			check(t, c, strings.Join(theirs, "\n"), strings.Join(mine, "\n"))
		})
	}
}

// again asks Kamailio once more. Where it does not say the same twice, something disturbed it (a datagram from elsewhere,
// its retransmission while the machine was busy), and what it says now counts. Ours has to be right the first time.
func again(t *testing.T, c talk.Case, theirs, mine []string, diff string) ([]string, string) {
	t.Helper()
	second := talk.Run(t, c, peer.Kamailio)
	if changed := cmp.Diff(theirs, second); changed != "" {
		t.Logf("Kamailio did not say the same twice (-first +second):\n%s", changed)
		return second, cmp.Diff(second, mine)
	}
	return theirs, diff
}

// check holds both sides against what the case says of them.
func check(t *testing.T, c talk.Case, theirs, ours string) {
	t.Helper()
	for _, d := range c.Differs {
		for _, k := range d.Checks {
			side, text := "Kamailio", theirs
			if k.Ours {
				if side, text = "ours", ours; *self {
					continue
				}
			}
			if k.RE.MatchString(text) == k.Not {
				t.Errorf("%s: difference %q: %s said (expression %q, wanted %v):\n%s",
					c.Doc, d.Name, side, k.RE, !k.Not, text)
			}
		}
	}
}
