package param

import (
	"errors"
	"fmt"
)

// Running is what a run-time assignment is checked against.
type Running struct {
	Now, Start interface{ Int(ID) int } // the values at present, and those the server started with
	IPv6Socket bool                     // the server listens on an IPv6 address
}

// The errors of run-time assignments that are not an *Error about the value.
var (
	ErrNotRuntime = errors.New("cannot be changed at run time")
	ErrReadOnly   = errors.New("is read-only at run time")
)

// CheckRT checks an assignment at run time, in this order: does the variable exist, may it be set, type,
// range, and last whether the rest of the server allows it. It returns what is to be stored, which for some
// variables is in a smaller unit (see RT.Scale): a number, and for an Enum its name too.
func CheckRT(p *Param, val Value, r Running) (Value, error) {
	switch {
	case p.RT.Name == "":
		return Value{}, fmt.Errorf("%s: %w", p.Name, ErrNotRuntime)
	case p.RT.ReadOnly:
		return Value{}, fmt.Errorf("%s.%s: %w", p.RT.Group, p.RT.Name, ErrReadOnly)
	case p.RT.Text:
		return p.choice(val)
	}
	n, err := p.rtNumber(val)
	if err != nil {
		return Value{}, err
	}
	if outside(n, p.RT.Min, p.RT.Max) {
		return Value{}, p.expected(fmt.Sprintf("number from %d to %d", p.RT.Min, p.RT.Max), val, "")
	}
	if reason := r.veto(p.ID, n); reason != "" {
		return Value{}, &Error{p.RT.Group + "." + p.RT.Name, fmt.Sprintf("%d refused", n), reason}
	}
	return Num(p.Stored(n)), nil
}

// rtNumber reads a number however the client sent it.
func (p *Param) rtNumber(val Value) (int, error) {
	if n, ok := boolWord(Bare(val.Text)); ok && p.Type == Bool {
		return n, nil
	}
	if n, ok := ParseNumber(val.Text); ok && val.Kind != Number {
		return n, nil
	}
	if val.Kind != Number || val.Num != int(int32(val.Num)) {
		return 0, p.expected("number of 32 bits", val, "")
	}
	return val.Num, nil
}

// Stored turns a value, in the unit it is set in, into what is stored and read back at run time.
func (p *Param) Stored(n int) int {
	if n < 0 {
		switch p.ID {
		case TCPConnectTimeout, TCPSendTimeout:
			n = p.Default.Num
		case TCPConnectionLifetime:
			n = maxSeconds
		}
	}
	return min(n*max(1, p.RT.Scale), maxInt)
}

// veto tells why the rest of the server does not allow a value; it is empty if it does.
func (r Running) veto(id ID, n int) string {
	is := func(id ID) bool { return r.Now.Int(id) != 0 }
	atStart := func(id ID) bool { return r.Start.Int(id) != 0 }
	switch {
	case id == UseDNSCache && n != 0 && !atStart(DNSCacheInit):
		return "the server started with dns_cache_init=no"
	case id == UseDNSCache && n == 0 && is(UseDNSFailover):
		return "use_dns_failover needs it; switch that off first"
	case id == UseDNSFailover && n != 0 && !is(UseDNSCache):
		return "it needs use_dns_cache; switch that on first"
	case id == DNSTryIPv6 && n != 0 && !r.IPv6Socket:
		return "the server listens on no IPv6 address"
	case id == UseDstBlacklist && n != 0 && !atStart(DstBlacklistInit):
		return "the server started with dst_blacklist_init=no"
	case id == SCTPAssocTracking && n == 0 && is(SCTPAssocReuse):
		return "assoc_reuse needs it; switch that off first"
	case id == SCTPAssocReuse && n != 0 && !is(SCTPAssocTracking):
		return "it needs assoc_tracking; switch that on first"
	case id == TCPMaxConnections && n > r.Start.Int(TCPMaxConnections):
		return fmt.Sprintf("the server started with %d, the most it can have", r.Start.Int(TCPMaxConnections))
	}
	return ""
}
