package listen

import (
	"fmt"
	"io"
	"net/netip"
	"strconv"
	"strings"
)

const indent = "             " // 13 blanks

// Print writes the lists as the original does at start and for -c.
func (p *Plan) Print(w io.Writer) {
	fmt.Fprintf(w, "Listening on \n")
	for _, s := range p.Sockets {
		fmt.Fprintf(w, "%s%s: %s%s\n", indent, s.Proto, s.place(), s.flags())
	}
	fmt.Fprintf(w, "Aliases: \n")
	for _, a := range p.Aliases {
		fmt.Fprintf(w, "%s%s: %s:%s\n", indent, orStar(a.Proto), brackets(a.Host), orStar(number(a.Port)))
	}
	fmt.Fprintln(w)
}

func (s Socket) place() string {
	port := strconv.Itoa(int(s.Addr.Port()))
	if s.Literal {
		return brackets(s.Addr.Addr().String()) + ":" + port
	}
	return s.Name + " [" + s.Addr.Addr().String() + "]:" + port
}

func (s Socket) flags() string {
	f := ""
	if s.Addr.Addr().IsMulticast() {
		f += " mcast"
	}
	if s.Virtual {
		f += " virtual"
	}
	if s.Label != "" {
		f += " name " + s.Label
	}
	if s.Advertise != "" {
		f += " advertise " + brackets(s.Advertise)
		if s.AdvertPort != 0 {
			f += ":" + strconv.Itoa(s.AdvertPort)
		}
	}
	return f
}

// Describe is "udp:127.0.0.1:5060", as messages name a socket.
func (s Socket) Describe() string { return s.Proto + ":" + s.Addr.String() }

func brackets(host string) string {
	if a, err := netip.ParseAddr(host); err == nil && a.Is6() || strings.Contains(host, ":") {
		return "[" + host + "]"
	}
	return host
}

func number(port int) string {
	if port == 0 {
		return ""
	}
	return strconv.Itoa(port)
}

// orStar shows what is left open.
func orStar(s string) string {
	if s == "" {
		return "*"
	}
	return s
}
