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
	ports map[string]string
	sent  map[string]bool // tags and branches that came from us
	tags  map[string]string
	made  map[string]int // branches of the server, numbered
}

func newNames() *names {
	return &names{ports: map[string]string{}, sent: map[string]bool{"uas": true}, tags: map[string]string{}, made: map[string]int{}}
}

func (n *names) port(port int, name string) {
	n.ports[strconv.Itoa(port)] = "<" + name + ">"
}

// replace names the ports, which all have five digits, and the identifiers of charging that the server made.
func (n *names) replace(s string) string {
	s = icidRE.ReplaceAllString(s, "icid-value=<icid>")
	return portRE.ReplaceAllStringFunc(s, func(digits string) string {
		if name, ok := n.ports[digits]; ok {
			return name
		}
		return digits
	})
}

var (
	portRE   = regexp.MustCompile(`\b\d{5}\b`)
	icidRE   = regexp.MustCompile(`icid-value=[0-9A-F]{32}\b`)
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
		if n.made[string(b)] == 0 {
			n.sent[string(b)] = true
		}
	}
}

// message is a message line by line.
func (n *names) message(s string) []string {
	var out []string
	for line := range strings.SplitSeq(s, "\r\n") {
		line = strings.ReplaceAll(line, "\n", "<LF>")
		line = tagRE.ReplaceAllStringFunc(line, n.tag)
		line = paddedRE.ReplaceAllString(line, "$1 $2")
		line = dateRE.ReplaceAllString(line, "Date: <date>")
		if m := viaRE.FindStringSubmatch(line); m != nil {
			line = m[1] + m[2] + n.via(m[3])
		}
		line = n.replace(line)
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

// via puts the parameters of each Via in order and numbers the branches that the server made: so one
// that a retransmission, a CANCEL or an ACK should share shows.
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
	if n.made[b] == 0 {
		n.made[b] = len(n.made) + 1
	}
	return fmt.Sprintf("branch=z9hG4bK<%d>", n.made[b])
}
