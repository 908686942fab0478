package talk

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"goser/scripts/interop/internal/peer"
)

// Call is a conversation of a transaction that shares the servers with others. In all texts @n@ is its number.
//
// Steps are lines:
//
//	ask METHOD URI        a sends the request, whose Call-ID is @n@@127.0.0.1
//	again                 once more the same
//	answer b 180 [HEADER] b answers the last request of the call that it has got, if any
//	cancel                a cancels
//	ack                   a acknowledges the negative reply that it has got last, if any
//	wait 300ms
//
// The script logs with xlog("L_ERR", "@n@| TEXT\n"); "@n@|~ TEXT" in an onsend_route, which runs when all branch_routes have
// run, or between them (docs/compatibility.md, branch-by-branch).
type Call struct {
	Routes string // the blocks of the call, route[c@n@] for its requests among them
	Send   string // what its share of onsend_route does
	Reply  string // and of reply_route
	Steps  string
}

func numbered(text string, n int) string {
	return strings.ReplaceAll(text, "@n@", strconv.Itoa(n))
}

// callsScript is the configuration for all calls of a list, by number.
func callsScript(config string, calls []Call, list []int) string {
	var b strings.Builder
	b.WriteString(Bare + Prelude + config + `request_route {
	if (is_method("OPTIONS")) { xlog("L_ERR", "end\n"); sl_send_reply("200", "OK"); exit; }
	if (is_method("CANCEL")) { t_relay_cancel(); exit; }
	if (is_method("ACK")) { t_check_trans(); exit; }
	t_check_trans();
	mf_process_maxfwd_header("10");
	$var(v) = 0;
	route("c" + $(ci{s.select,0,@}));
}
`)
	part := func(head string, text func(c *Call) string) {
		empty := true
		for _, n := range list {
			body := text(&calls[n])
			if strings.TrimSpace(body) == "" {
				continue
			}
			if empty {
				b.WriteString(head + " {\n")
			}
			empty = false
			fmt.Fprintf(&b, "if ($ci == \"%d@127.0.0.1\") {\n# case %d\n%s\n}\n", n, n, numbered(body, n))
		}
		if !empty {
			b.WriteString("}\n")
		}
	}
	part("onsend_route", func(c *Call) string { return c.Send })
	part("reply_route", func(c *Call) string { return c.Reply })
	for _, n := range list {
		fmt.Fprintf(&b, "# case %d\n%s\n", n, numbered(calls[n].Routes, n))
	}
	return b.String()
}

// TryCalls has the conversations with one server.
func TryCalls(t testing.TB, config string, calls []Call, kind peer.Kind) []Verdict {
	t.Helper()
	r := trial{t: t, kind: kind, out: make([]Verdict, len(calls)), config: CallsOf(kind) + config}
	r.script = func(list []int) string { return callsScript(r.config, calls, list) }
	r.run = func(k *Talk, list []int) int { return r.call(k, calls, list) }
	r.ends = []string{"a", "b", "c", "d"}
	r.try(upTo(len(calls)))
	return r.out
}

// call has all conversations and returns how many it is done with.
func (r *trial) call(k *Talk, calls []Call, list []int) int {
	defer k.close()
	k.names.port(k.server.Port, "server")
	wire := make([][]string, len(calls))
	done := 0
	for ; done < len(list); done++ {
		n := list[done]
		k.out, k.only = nil, []byte(fmt.Sprintf("Call-ID: %d@127.0.0.1\r\n", n))
		k.names.tags, k.names.made = map[string]string{}, map[string]int{}
		for _, e := range k.ends {
			clear(e.last)
		}
		k.toTag = ""
		alive := k.converse(r.t, numbered(strings.TrimSpace(calls[n].Steps), n), n)
		wire[n] = slices.DeleteFunc(k.out, func(line string) bool { return strings.HasPrefix(line, "Reason: SIP;cause=") }) // docs/compatibility.md, late-reason
		if !alive {
			r.out[n].Gone = true
			break
		}
	}
	k.finish(r.t)
	logged := k.lines(len(calls))
	k.server.Stop()
	for _, n := range list[:done] {
		r.out[n].Said = append(logged[n], wire[n]...)
	}
	return min(done+1, len(list))
}

// converse goes through the steps of a call; false if the server has died.
func (k *Talk) converse(t testing.TB, steps string, n int) bool {
	request := ""
	for line := range strings.Lines(steps) {
		words := strings.Fields(line)
		if len(words) == 0 {
			continue
		}
		k.out = append(k.out, "==== "+strings.TrimSpace(line))
		s := Step{From: "a", Title: line}
		switch words[0] {
		case "ask":
			request, _ = ask([]string{"a", words[1], words[2], fmt.Sprintf("id=%d", n)}, "Subject: call\nX-A: one\nX-A: two\n")
			s.Text = request
		case "again":
			s.Text = request
		case "cancel":
			s.Text, _ = ask([]string{"a", "CANCEL", "sip:bob@h.example", fmt.Sprintf("id=%d", n)}, "")
		case "ack":
			if !k.refused {
				continue
			}
			s.Text, _ = ask([]string{"a", "ACK", "sip:bob@h.example", fmt.Sprintf("id=%d", n), "totag=" + k.toTag}, "")
		case "answer":
			s.From = words[1]
			if k.ends[s.From].last[""] == nil {
				continue
			}
			s.Code, _ = strconv.Atoi(words[2])
			s.Reason = "Answer"
			if s.Text = strings.Join(words[3:], " "); s.Text != "" {
				s.Text += "\n"
			}
			for method := range k.ends[s.From].last {
				if method == "INVITE" || method == "MESSAGE" {
					s.Method = method
				}
			}
		case "wait":
			d, _ := time.ParseDuration(words[1])
			time.Sleep(d)
		}
		if words[0] != "wait" {
			k.send(t, s)
		}
		if !k.through(t) {
			return false
		}
		for _, name := range k.order() {
			k.collectNow(k.ends[name])
		}
	}
	return true
}

// finish has the server log that it has come to the end.
func (k *Talk) finish(t testing.TB) {
	if k.server.Ended() {
		return
	}
	text, _ := ask([]string{"a", "OPTIONS", "sip:end@h.example", "id=end"}, "")
	k.send(t, Step{From: "a", Text: text})
	for limit := time.Now().Add(3 * time.Second); time.Now().Before(limit) && !endRE.MatchString(k.server.Log()); {
		time.Sleep(5 * time.Millisecond)
	}
}

var (
	endRE  = regexp.MustCompile(`<script>: end\n`)
	ofCall = regexp.MustCompile(`^(\d+)\|(.*)$`)
)

// lines sorts the script's log by call.
func (k *Talk) lines(n int) [][]string {
	out, sent := make([][]string, n), make([][]string, n)
	for line := range strings.Lines(k.server.Log()) {
		m := scriptLine.FindStringSubmatch(line)
		if m == nil {
			continue
		}
		if m = ofCall.FindStringSubmatch(strings.TrimRight(m[2], "\r\n")); m != nil {
			if i, _ := strconv.Atoi(m[1]); i < n {
				to := &out[i]
				if strings.HasPrefix(m[2], "~") {
					to = &sent[i]
				}
				*to = append(*to, k.names.replace(m[2]))
			}
		}
	}
	for i := range out {
		out[i] = append(out[i], sent[i]...)
	}
	return out
}
