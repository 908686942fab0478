package talk

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// names replaces what cannot be the same in two runs by names: ports, the tags and branches that the
// server made, dates. Anything else stays as it was on the wire.
type names struct {
	ports []string        // port, name, port, name, …
	sent  map[string]bool // tags and branches that came from us
	tags  map[string]string
	made  map[string]bool // branches of the server
}

func newNames() *names {
	return &names{sent: map[string]bool{"uas": true}, tags: map[string]string{}, made: map[string]bool{}}
}

func (n *names) port(port int, name string) {
	n.ports = append(n.ports, strconv.Itoa(port), "<"+name+">")
}

func (n *names) replace(s string) string {
	return strings.NewReplacer(n.ports...).Replace(s)
}

var (
	tagRE    = regexp.MustCompile(`;\s*tag=([^;,\s<>]+)`)
	branchRE = regexp.MustCompile(`branch=z9hG4bK[^;,\s<>]+`)
	viaRE    = regexp.MustCompile(`(?i)^(via|v)(\s*:\s*)(.*)$`)
	paddedRE = regexp.MustCompile(`^(Max-Forwards:) +(\d+)$`) // Kamailio writes a shorter number into the old one's place
	dateRE   = regexp.MustCompile(`^Date: [A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT$`)
)

// known remembers the tags and branches of a datagram that goes to the server, except those that the
// server made itself and gets back.
func (n *names) known(data []byte) {
	for _, m := range tagRE.FindAllSubmatch(data, -1) {
		if _, made := n.tags[string(m[1])]; !made {
			n.sent[string(m[1])] = true
		}
	}
	for _, b := range branchRE.FindAll(data, -1) {
		if !n.made[string(b)] {
			n.sent[string(b)] = true
		}
	}
}

// message is a message line by line.
func (n *names) message(s string) []string {
	var out []string
	for line := range strings.SplitSeq(s, "\r\n") {
		line = n.replace(strings.ReplaceAll(line, "\n", "<LF>"))
		line = tagRE.ReplaceAllStringFunc(line, n.tag)
		line = paddedRE.ReplaceAllString(line, "$1 $2")
		line = dateRE.ReplaceAllString(line, "Date: <date>")
		if m := viaRE.FindStringSubmatch(line); m != nil {
			line = m[1] + m[2] + n.via(m[3])
		}
		out = append(out, line)
	}
	return out
}

// tag names the tags the server made in the order of their appearance: so one that changes between
// two answers to the same request shows.
func (n *names) tag(s string) string {
	m := tagRE.FindStringSubmatch(s)
	if n.sent[m[1]] {
		return s
	}
	if n.tags[m[1]] == "" {
		n.tags[m[1]] = fmt.Sprintf("<tag%d>", len(n.tags)+1)
	}
	return strings.Replace(s, m[1], n.tags[m[1]], 1)
}

// via puts the parameters of each Via in order and hides the branches that the server made.
func (n *names) via(s string) string {
	values := strings.Split(s, ",")
	for i, v := range values {
		params := strings.Split(v, ";")
		for j := range params {
			params[j] = branchRE.ReplaceAllStringFunc(params[j], n.branch)
		}
		slices.SortStableFunc(params[1:], func(a, b string) int {
			return strings.Compare(strings.TrimSpace(a), strings.TrimSpace(b))
		})
		values[i] = strings.Join(params, ";")
	}
	return strings.Join(values, ",")
}

func (n *names) branch(b string) string {
	if n.sent[b] {
		return b
	}
	n.made[b] = true
	return "branch=z9hG4bK<server>"
}
