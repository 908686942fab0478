package listen

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	"goser/cfg/check"
)

// ParseOption reads what -l takes: [proto:]id[:port][/advertised[:port]], where
// id is an address ([IPv6] in brackets or bare), a host or interface name, or
// a list (id, id). --alias takes the same without list and advertised part.
func ParseOption(s string) (check.Addr, error) {
	rest, adv, hasAdv := strings.Cut(s, "/")
	a, err := parseAddr(rest)
	if err != nil {
		return a, fmt.Errorf("%s: %w; want [udp:]address[:port]", s, err)
	}
	if hasAdv {
		m, err := parseAddr(adv)
		if err != nil || m.Proto != check.ProtoAny || len(m.Hosts) > 1 {
			return a, fmt.Errorf("%s: bad advertised address %q; want address[:port] after the slash", s, adv)
		}
		a.Advertise = &m
	}
	return a, nil
}

func parseAddr(s string) (a check.Addr, err error) {
	a.Proto, s = cutProto(s)
	host, port, err := cutPort(s)
	if err != nil {
		return a, err
	}
	if port != "" && port != "*" {
		n, err := strconv.ParseUint(port, 10, 16)
		if err != nil {
			return a, fmt.Errorf("bad port %q", port)
		}
		a.Port = int32(n)
	}
	if strings.HasPrefix(host, "(") {
		return list(a, host)
	}
	if a.Host = strings.TrimSuffix(strings.TrimPrefix(host, "["), "]"); !plausible(a.Host) {
		return a, fmt.Errorf("bad address %q", host)
	}
	a.IP, _ = netip.ParseAddr(a.Host)
	return a, nil
}

// list reads (id, id, ...).
func list(a check.Addr, s string) (check.Addr, error) {
	if !strings.HasSuffix(s, ")") {
		return a, fmt.Errorf("a list without its closing parenthesis")
	}
	for _, h := range strings.Split(s[1:len(s)-1], ",") {
		h = strings.TrimSpace(h)
		if !plausible(h) {
			return a, fmt.Errorf("bad address %q in the list", h)
		}
		a.Hosts = append(a.Hosts, h)
	}
	a.Host = a.Hosts[0]
	return a, nil
}

func cutProto(s string) (check.Proto, string) {
	word, rest, ok := strings.Cut(s, ":")
	if !ok {
		return check.ProtoAny, s
	}
	if word == "*" {
		return check.ProtoAny, rest
	}
	for p, name := range protoNames {
		if name != "" && strings.EqualFold(word, name) {
			return check.Proto(p), rest
		}
	}
	return check.ProtoAny, s
}

// cutPort separates the port; a bare IPv6 address has none.
func cutPort(s string) (host, port string, err error) {
	if i := strings.IndexAny(s, ")]"); i >= 0 {
		rest := s[i+1:]
		if rest == "" {
			return s, "", nil
		}
		if rest[0] != ':' {
			return "", "", fmt.Errorf("%q after the address", rest)
		}
		return s[:i+1], rest[1:], nil
	}
	if strings.Count(s, ":") > 1 {
		return s, "", nil
	}
	host, port, ok := strings.Cut(s, ":")
	if ok && port == "" {
		return "", "", fmt.Errorf("a colon without a port")
	}
	return host, port, nil
}

// plausible keeps out what can be neither address nor name.
func plausible(host string) bool {
	return host != "" && len(host) < 256 && !strings.ContainsAny(host, " \t\r\n\"'(),;[]/")
}
