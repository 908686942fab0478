package check

import (
	"net/netip"
	"strconv"
	"strings"

	"goser/cfg/syntax"
)

var protoNumbers = map[string]Proto{"udp": ProtoUDP, "tcp": ProtoTCP, "tls": ProtoTLS, "sctp": ProtoSCTP}

var protoNames = [...]string{"*", "udp", "tcp", "tls", "sctp"}

// String names the protocol in lower case; any is *.
func (p Proto) String() string { return protoNames[p] }

// addr converts a parsed address.
func (c *checker) addr(a *syntax.Addr) Addr {
	out := Addr{Proto: protoNumbers[a.Proto], Port: max(a.Port, 0), Name: a.Name, Virtual: a.Virtual, Pos: a.At}
	for _, id := range a.IDs {
		out.Hosts = append(out.Hosts, strings.Trim(id.Str, "[]"))
	}
	out.Host = out.Hosts[0]
	if ip, err := netip.ParseAddr(out.Host); err == nil {
		out.IP = ip
	}
	if len(out.Hosts) == 1 {
		out.Hosts = nil
	}
	if out.Host == "" {
		c.errorf(a.At, syntax.KindType, "write [proto:]host[:port]", "empty address")
	}
	if a.Advertise != nil {
		adv := c.addr(a.Advertise)
		out.Advertise = &adv
	}
	return out
}

// ParseAddr reads [proto:]host[:port] out of a string; msg says what is wrong.
func ParseAddr(s string) (a Addr, msg string) {
	rest := s
	if head, tail, ok := strings.Cut(s, ":"); ok {
		if p, known := protoNumbers[strings.ToLower(head)]; known {
			a.Proto, rest = p, tail
		} else if head == "*" {
			rest = tail
		}
	}
	host, port := rest, ""
	if strings.HasPrefix(rest, "[") {
		end := strings.IndexByte(rest, ']')
		if end < 0 {
			return a, "[ without ]"
		}
		host, port = rest[1:end], strings.TrimPrefix(rest[end+1:], ":")
		if tail := rest[end+1:]; tail != "" && tail[0] != ':' {
			return a, "unexpected text after ]"
		}
	} else if strings.Count(rest, ":") == 1 {
		host, port, _ = strings.Cut(rest, ":")
		if port == "" {
			return a, "port missing after :"
		}
	}
	if port != "" {
		n, err := strconv.ParseUint(port, 10, 16)
		if err != nil {
			return a, "bad port " + port
		}
		a.Port = int32(n)
	}
	if ip, err := netip.ParseAddr(host); err == nil {
		a.IP = ip
	} else if host == "" || strings.ContainsAny(host, " \t\r\n/@<>\"':;,[]") {
		return a, "bad host " + strconv.Quote(host)
	}
	a.Host = host
	return a, ""
}

// ParseNet reads an address, address/length or address/mask.
func ParseNet(s string) (p netip.Prefix, msg string) {
	host, tail, hasLen := strings.Cut(s, "/")
	ip, err := netip.ParseAddr(strings.Trim(host, "[]"))
	if err != nil {
		return p, "bad IP address " + host
	}
	ip = ip.Unmap()
	bits := ip.BitLen()
	if hasLen {
		if n, err := strconv.Atoi(tail); err == nil {
			if n < 0 || n > ip.BitLen() {
				return p, "prefix length " + tail + " is out of range: 0 to " + strconv.Itoa(ip.BitLen())
			}
			bits = n
		} else if bits = maskBits(tail, ip); bits < 0 {
			return p, "bad mask " + tail
		}
	}
	return netip.PrefixFrom(ip, bits).Masked(), ""
}

// maskBits counts the leading ones of a mask; -1 if it is none.
func maskBits(s string, ip netip.Addr) int {
	m, err := netip.ParseAddr(strings.Trim(s, "[]"))
	if err != nil || m.BitLen() != ip.BitLen() {
		return -1
	}
	bits, zero := 0, false
	for _, b := range m.AsSlice() {
		for i := 7; i >= 0; i-- {
			one := b>>i&1 == 1
			if one && zero {
				return -1
			}
			if one {
				bits++
			} else {
				zero = true
			}
		}
	}
	return bits
}

// number reads a whole quoted number.
func number(s string) (int32, bool) {
	n, err := strconv.ParseInt(strings.TrimSpace(s), 0, 64)
	if err != nil || n < -1<<31 || n > 1<<32-1 {
		return 0, false
	}
	return int32(n), true
}
