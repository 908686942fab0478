//go:build interop

package interop

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"goser/scripts/interop/internal/peer"
	"goser/scripts/interop/internal/talk"
)

// leastCases is what the corpus must not shrink below.
const leastCases = 400

// TestCorpus asks both servers about every expression and statement of testdata/corpus. They must say
// the same; where a case names a difference, each must say exactly what the case expects of it.
func TestCorpus(t *testing.T) {
	files, err := talk.LoadCorpus("testdata/corpus")
	if err != nil {
		t.Fatal(err)
	}
	total := 0
	for i := range files {
		c := &files[i]
		total += len(c.Cases)
		t.Run(c.Name, func(t *testing.T) {
			ours := peer.Ours
			if *self {
				ours = peer.Kamailio
			}
			theirs, mine := talk.RunCorpus(t, c, peer.Kamailio), talk.RunCorpus(t, c, ours)
			for i := range c.Cases {
				small(t, c, &c.Cases[i], theirs[i], mine[i])
			}
		})
	}
	if total < leastCases {
		t.Errorf("%d cases, want at least %d", total, leastCases)
	}
}

func small(t *testing.T, c *talk.Corpus, s *talk.Small, theirs, ours []string) {
	t.Helper()
	if testing.Verbose() {
		t.Logf("%d: %c %s\n%s", s.Line, s.Mark, s.Text, strings.Join(theirs, "\n"))
	}
	if s.Differs == "" {
		if diff := cmp.Diff(theirs, ours); diff != "" {
			t.Errorf("testdata/corpus/%s.txtar:%d: %c %s\nthey differ (-Kamailio +ours):\n%s", c.Name, s.Line, s.Mark, s.Text, diff)
		}
		return
	}
	said := func(who string, want, got []string) {
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("testdata/corpus/%s.txtar:%d: %c %s\ndifference %s: %s does not say what the case expects (-expected +said):\n%s",
				c.Name, s.Line, s.Mark, s.Text, s.Differs, who, diff)
		}
	}
	said("Kamailio", s.Theirs, theirs)
	if !*self {
		said("ours", s.Ours, ours)
		if cmp.Equal(s.Theirs, s.Ours) {
			t.Errorf("testdata/corpus/%s.txtar:%d: the case names a difference, but both are expected to say the same", c.Name, s.Line)
		}
	}
}
