//go:build interop

package interop

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"goser/scripts/interop/internal/peer"
	"goser/scripts/interop/internal/random"
	"goser/scripts/interop/internal/talk"
)

var (
	seed     = flag.Uint64("seed", 1, "seed of TestRandomPrograms")
	programs = flag.Int("programs", 40, "random programs of each class")
	class    = flag.String("class", "", "random programs of this class only")
)

// atOnce is how many programs share one start of the servers.
const atOnce = 200

// TestRandomPrograms has both servers run programs that nobody wrote. One on which they differ is shown as small as it
// can be made.
func TestRandomPrograms(t *testing.T) {
	t.Logf("-seed %d -programs %d", *seed, *programs)
	for i, c := range random.Classes {
		if *class != "" && string(c) != *class {
			continue
		}
		t.Run(string(c), func(t *testing.T) {
			r := rand.New(rand.NewPCG(*seed, uint64(i)))
			for left := *programs; left > 0; left -= atOnce {
				list := make([]*random.Program, min(left, atOnce))
				for i := range list {
					list[i] = random.Make(c, r)
				}
				t.Run("", func(t *testing.T) { hunt(t, list, r) })
			}
		})
	}
}

var numbers = regexp.MustCompile(`\d+`)

// outcome is what the servers made of a program.
type outcome struct {
	p            *random.Program
	theirs, ours talk.Verdict
}

func (o *outcome) differ() bool {
	if o.theirs.Gone || o.theirs.Refused != "" {
		return o.ours.Gone || o.theirs.Refused != "" && o.ours.Refused == "" && *refusals
	}
	return o.ours.Gone || o.ours.Refused != "" || !cmp.Equal(o.theirs.Said, o.ours.Said)
}

var refusals = flag.Bool("refusals", false, "random programs that only Kamailio refuses are differences, too")

func compare(t *testing.T, list []*random.Program) []outcome {
	theirs, ours := try(t, list, peer.Kamailio), try(t, list, peer.Ours)
	out := make([]outcome, len(list))
	for i := range list {
		out[i] = outcome{list[i], theirs[i], ours[i]}
	}
	return out
}

// try runs programs of one class through one server.
func try(t *testing.T, list []*random.Program, kind peer.Kind) []talk.Verdict {
	if list[0].Class == random.Calls {
		calls := make([]talk.Call, len(list))
		for i, p := range list {
			calls[i].Routes, calls[i].Send, calls[i].Reply, calls[i].Steps = p.Call()
		}
		return talk.TryCalls(t, random.CallsConfig, calls, kind)
	}
	c := talk.Corpus{Name: "random", Config: random.Config, Messages: map[string]string{}}
	for _, p := range list {
		m := p.Message()
		c.Messages[m] = m
		c.Cases = append(c.Cases, talk.Small{Mark: ';', Text: p.Body(), Message: m})
	}
	return talk.TryCorpus(t, &c, kind)
}

// sure asks Kamailio once more about what differs, and drops that to which it now says the same as ours: it has no
// answer of its own there.
func sure(t *testing.T, found []outcome) (out []outcome) {
	for _, o := range found {
		again := o
		if again.theirs = try(t, []*random.Program{o.p}, peer.Kamailio)[0]; !again.differ() {
			t.Logf("Kamailio said something else the second time:\n%s\n%s", o.p.Body(), o.report())
			continue
		}
		out = append(out, o)
	}
	return out
}

// hunt runs programs, and makes those on which the servers differ smaller.
func hunt(t *testing.T, list []*random.Program, r *rand.Rand) {
	start := time.Now()
	var found []outcome
	refused, gone := 0, 0
	why := map[string]int{}
	for _, o := range compare(t, list) {
		if o.theirs.Refused != "" {
			refused++
			why[numbers.ReplaceAllString(o.theirs.Refused, "N")]++
		}
		if o.theirs.Gone {
			gone++
		}
		if o.differ() {
			found = append(found, o)
		}
	}
	t.Logf("%d programs, %d refused by Kamailio, %d killed it, %d differ, %v", len(list), refused, gone, len(found), time.Since(start).Round(time.Millisecond))
	for reason, n := range why {
		t.Logf("%d times: %s", n, reason)
	}
	for _, o := range shrink(t, sure(t, found), r) {
		t.Errorf("%s\n%s", o.p.Body(), o.report())
	}
}

func (o *outcome) report() string {
	show := func(v talk.Verdict) []string {
		switch {
		case v.Gone:
			return []string{"died"}
		case v.Refused != "":
			return []string{"refused: " + v.Refused}
		}
		return v.Said
	}
	var b strings.Builder
	fmt.Fprintf(&b, "(-Kamailio +ours)\n%s", cmp.Diff(show(o.theirs), show(o.ours)))
	if o.p.Class == random.Selects || o.p.Class == random.Variables || o.p.Class == random.Calls {
		b.WriteString(o.p.Message())
	}
	return b.String()
}

// shrink makes each program as small as it can be while the servers differ on it.
func shrink(t *testing.T, found []outcome, r *rand.Rand) []outcome {
	var done []outcome
	for len(found) > 0 && !t.Failed() {
		var tries []*random.Program
		var of []int
		for i, o := range found {
			for _, p := range o.p.Smaller(max(8, 300/len(found)), r) {
				tries, of = append(tries, p), append(of, i)
			}
		}
		best := make([]*outcome, len(found))
		for part := range slices.Chunk(tries, 2*atOnce) {
			results := compare(t, part)
			for j := range results {
				i := of[0]
				of = of[1:]
				if o := &results[j]; o.differ() && (best[i] == nil || o.p.Size() < best[i].p.Size()) {
					best[i] = o
				}
			}
		}
		var next []outcome
		for i := range found {
			if best[i] == nil {
				done = append(done, found[i])
			} else {
				next = append(next, *best[i])
			}
		}
		found = next
	}
	return append(done, found...)
}
