package main

import (
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"golang.org/x/sys/unix"

	"goser/cfg/param"
	"goser/worker/module"
)

// waiting is one chapter of ser --pending: what waits for the same thing.
type waiting struct {
	need, title string
	params      []*param.Param
	missing     []module.Missing
}

// waitingFor lists the chapters; the last takes what waits for nothing but
// somebody to write it.
func waitingFor() []waiting {
	return []waiting{
		{need: "TCP", title: "Waits for TCP"},
		{need: "TLS", title: "Waits for TLS"},
		{need: "SCTP", title: "Waits for SCTP"},
		{need: "DNS", title: "Waits for name resolution (DNS cache, failover, load balancing)"},
		{need: "blacklist", title: "Waits for the destination blacklist"},
		{need: "RPC", title: "Waits for RPC (the control socket, changes at run time)"},
		{need: "databases", title: "Waits for databases"},
		{need: "Diameter", title: "Waits for Diameter"},
		{need: "interpreters", title: "Waits for interpreters of other languages"},
		{need: "services", title: "Waits for other services and their clients"},
		{need: "", title: "Waits for nothing of the above"},
	}
}

// paramNeed is what a pending parameter waits for.
func paramNeed(p *param.Param) string {
	switch {
	case strings.Contains(p.Name, "tls") && p.Group != param.GroupDNS && p.Group != param.GroupBlacklist:
		return "TLS"
	case p.Group == param.GroupTCP || strings.HasPrefix(p.Name, "tcp_") || strings.Contains(p.Note, "TCP") || strings.Contains(p.Help, "on connections"):
		return "TCP"
	case p.Group == param.GroupSCTP:
		return "SCTP"
	case p.Group == param.GroupDNS:
		return "DNS"
	case p.Group == param.GroupBlacklist:
		return "blacklist"
	case p.RTOnly:
		return "RPC"
	}
	return ""
}

// missingNeed is what a missing module or function waits for.
func missingNeed(m module.Missing) string {
	if m.Needs != "" {
		return m.Needs
	}
	for _, word := range []string{"TCP", "TLS", "SCTP", "databases"} {
		if strings.Contains(m.Why, word) {
			return word
		}
	}
	return ""
}

// pending sorts all that is missing into its chapters.
func pending() []waiting {
	list := waitingFor()
	chapter := func(need string) *waiting {
		i := slices.IndexFunc(list, func(w waiting) bool { return w.need == need })
		return &list[i]
	}
	for _, p := range param.Pending() {
		w := chapter(paramNeed(p))
		w.params = append(w.params, p)
	}
	for _, m := range module.Pending() {
		w := chapter(missingNeed(m))
		w.missing = append(w.missing, m)
	}
	return list
}

// printPending lists what is known and does not act yet.
func printPending(w io.Writer) int {
	width := terminalWidth(w)
	wrap(w, "", "", strings.Fields("What SER, SIP Router and Kamailio 5.6 have and this server does not have yet."+
		" A configuration that uses it gets an error or a warning that says so (ser -c); nothing is silently ignored."), width)
	for _, c := range pending() {
		c.print(w, width)
	}
	return 0
}

func (c *waiting) print(w io.Writer, width int) {
	if len(c.params)+len(c.missing) == 0 {
		return
	}
	var params, functions, modules, notes []string
	slices.SortFunc(c.params, func(a, b *param.Param) int { return strings.Compare(a.Name, b.Name) })
	for _, p := range c.params {
		params = append(params, p.Name)
		if p.Note != "" {
			notes = append(notes, p.Name+": "+p.Note)
		}
	}
	for _, m := range c.missing {
		if m.Function == "" {
			modules = append(modules, m.Module)
		} else {
			functions = append(functions, m.Function+"("+m.Module+")")
		}
	}
	fmt.Fprintf(w, "\n%s\n", c.title)
	wrap(w, "  parameters  ", "", params, width)
	wrap(w, "  functions   ", "", functions, width)
	wrap(w, "  modules     ", "", modules, width)
	for _, n := range notes {
		wrap(w, "    ", "  ", strings.Fields(n), width)
	}
}

// wrap writes words in lines of at most width columns behind a head, under which
// the further lines begin, more to the right by hang.
func wrap(w io.Writer, head, hang string, words []string, width int) {
	if len(words) == 0 {
		return
	}
	line, margin := head+words[0], strings.Repeat(" ", len(head))+hang
	for _, word := range words[1:] {
		if len(line)+1+len(word) > width {
			fmt.Fprintln(w, line)
			line = margin + word
			continue
		}
		line += " " + word
	}
	fmt.Fprintln(w, line)
}

// What is written for people is at most so wide, in columns.
const (
	usualWidth = 80
	leastWidth = 40
	mostWidth  = 160
)

// terminalWidth is that of the terminal w, or the usual one.
func terminalWidth(w io.Writer) int {
	f, ok := w.(*os.File)
	if !ok {
		return usualWidth
	}
	size, err := unix.IoctlGetWinsize(int(f.Fd()), unix.TIOCGWINSZ)
	if err != nil || size.Col == 0 {
		return usualWidth
	}
	return min(max(int(size.Col), leastWidth), mostWidth)
}
