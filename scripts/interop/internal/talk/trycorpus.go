package talk

import (
	"regexp"
	"strconv"
	"strings"
	"testing"

	"goser/scripts/interop/internal/peer"
)

// Verdict is what one server made of a case.
type Verdict struct {
	Refused string   // why the server does not start with it
	Gone    bool     // the server died of it
	Said    []string // otherwise what RunCorpus returns
}

// TryCorpus asks one server about cases that it may refuse, or die of: it starts again without them.
func TryCorpus(t testing.TB, c *Corpus, kind peer.Kind) []Verdict {
	t.Helper()
	r := trial{t: t, kind: kind, out: make([]Verdict, len(c.Cases)), ends: []string{"a", "b"}}
	part := *c
	r.script = func(list []int) string { // the cases that are left out are empty, so that the others keep their numbers
		part.Cases = make([]Small, len(c.Cases))
		for i := range part.Cases {
			part.Cases[i] = Small{Mark: ';', Text: ";"}
		}
		for _, n := range list {
			part.Cases[n] = c.Cases[n]
		}
		return part.Script()
	}
	r.run = func(k *Talk, list []int) int { return r.ask(k, &part, list) }
	r.try(upTo(len(c.Cases)))
	return r.out
}

// upTo are the numbers below n.
func upTo(n int) []int {
	list := make([]int, n)
	for i := range list {
		list[i] = i
	}
	return list
}

type trial struct {
	t      testing.TB
	kind   peer.Kind
	config string
	ends   []string
	script func(list []int) string       // the configuration with these cases
	run    func(k *Talk, list []int) int // asks about them, and returns how many it is done with
	out    []Verdict
}

func (r *trial) try(list []int) {
	for len(list) > 0 && !r.t.Failed() {
		k := newTalk(r.t, r.ends...)
		opt := peer.Options{}
		if r.kind == peer.Kamailio {
			opt.Args = []string{"-M", "64"}
		}
		script := r.script(list)
		var err error
		if k.server, err = peer.TryStart(r.t, r.kind, peer.Expand(script, k.values()), opt); err != nil {
			k.close()
			if list = r.refused(list, script, k.server.Log()); list == nil {
				return
			}
			continue
		}
		list = list[r.run(k, list):]
	}
}

// ask asks about all cases and returns how many of them it is done with.
func (r *trial) ask(k *Talk, part *Corpus, list []int) int {
	defer k.close()
	k.names.port(k.server.Port, "server")
	wire := make([][]string, len(part.Cases))
	done := 0
	for ; done < len(list); done++ {
		k.out = nil
		k.names.tags, k.names.made = map[string]string{}, map[string]int{} // what an earlier case sent does not count
		k.send(r.t, Step{From: "a", Text: part.text(list[done])})
		alive := k.through(r.t)
		for _, name := range k.order() {
			k.collectNow(k.ends[name])
		}
		wire[list[done]] = k.out
		if !alive {
			r.out[list[done]].Gone = true
			break
		}
	}
	logged := k.logged(len(part.Cases), list[max(done-1, 0)])
	k.server.Stop()
	for _, n := range list[:done] {
		r.out[n].Said = append(logged[n], wire[n]...)
	}
	return min(done+1, len(list))
}

// through is settle for a server that may die.
func (k *Talk) through(t testing.TB) bool {
	for _, m := range k.marks {
		k.count++
		id := "mark-" + strconv.Itoa(k.count)
		if !k.passed(t, m, id) {
			return false
		}
	}
	return !k.server.Ended()
}

var (
	blameRE = regexp.MustCompile(`(?m)^.*(?:\b(?:ERROR|CRITICAL): .*?(?:\bline |cfg:\S+\.cfg:)(\d+)|\.cfg:(\d+):\d+: error).*$`)
	routeRE = regexp.MustCompile(`^(?:route\[c|# case )(\d+)`)
)

// refused finds the cases that keep the server from starting and returns the others; where the log does not name them, it
// tries each half alone.
func (r *trial) refused(list []int, script, log string) []int {
	at := map[int]int{} // line of the file → case
	now, line := -1, 1
	for text := range strings.Lines(script) {
		line++
		if m := routeRE.FindStringSubmatch(text); m != nil {
			now, _ = strconv.Atoi(m[1])
		}
		at[line] = now
	}
	blamed := map[int]bool{}
	for _, m := range blameRE.FindAllStringSubmatch(log, -1) {
		n, _ := strconv.Atoi(m[1] + m[2])
		if i, ok := at[n]; ok && i >= 0 {
			if !blamed[i] {
				r.out[i].Refused = strings.TrimSpace(m[0]) + quoted(script, n, m[0])
			}
			blamed[i] = true
		}
	}
	var rest []int
	for _, n := range list {
		if !blamed[n] {
			rest = append(rest, n)
		}
	}
	switch {
	case len(rest) < len(list):
		return rest
	case len(list) == 1:
		r.out[list[0]].Refused = "refused: " + lastLines(log, 3)
	default:
		r.try(list[:len(list)/2])
		r.try(list[len(list)/2:])
	}
	return nil
}

var columnRE = regexp.MustCompile(`column (\d+)`)

// quoted is what stands at the place of the file that a server blames.
func quoted(script string, line int, blame string) string {
	lines := strings.Split(script, "\n")
	m := columnRE.FindStringSubmatch(blame)
	if m == nil || line-2 < 0 || line-2 >= len(lines) {
		return ""
	}
	column, _ := strconv.Atoi(m[1])
	text := lines[line-2]
	return ": " + text[min(max(column-30, 0), len(text)):min(column, len(text))]
}

func lastLines(s string, n int) string {
	lines := strings.Split(strings.TrimSpace(s), "\n")
	return strings.Join(lines[max(0, len(lines)-n):], "\n")
}

// newTalk has the endpoints of a corpus.
func newTalk(t testing.TB, ends ...string) *Talk {
	t.Helper()
	k := &Talk{ends: map[string]*endpoint{}, names: newNames()}
	for _, name := range ends {
		k.ends[name] = listen(t, name)
		k.names.port(k.ends[name].port(), name)
	}
	k.marks = append(k.marks, listen(t, "mark"))
	return k
}

func (k *Talk) close() {
	for _, e := range k.ends {
		e.conn.Close()
	}
	for _, m := range k.marks {
		m.conn.Close()
	}
}

// text is the message of a case.
func (c *Corpus) text(i int) string {
	return strings.ReplaceAll(c.Messages[c.Cases[i].Message], "@case@", strconv.Itoa(i))
}
