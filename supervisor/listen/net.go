package listen

import (
	"context"
	"net"
	"net/netip"
	"sync"
	"time"
)

// Net is what Resolve asks the system; tests bring their own.
type Net struct {
	Interfaces func() ([]Interface, error)
	Lookup     func(host string) ([]netip.Addr, error)
	Reverse    func(a netip.Addr) []string
}

// Interface is one network interface.
type Interface struct {
	Name  string
	Up    bool
	Addrs []netip.Addr
}

const (
	lookupTime  = 10 * time.Second // a listen name that takes longer does not resolve
	reverseTime = 2 * time.Second  // all reverse look-ups together: aliases are a convenience
)

// System is the real one.
func System() Net {
	return Net{Interfaces: interfaces, Lookup: lookup, Reverse: reverseLookup}
}

func interfaces() ([]Interface, error) {
	ifs, err := net.Interfaces()
	if err != nil {
		return nil, err
	}
	var list []Interface
	for _, i := range ifs {
		one := Interface{Name: i.Name, Up: i.Flags&net.FlagUp != 0}
		addrs, _ := i.Addrs() // one that vanished meanwhile has none
		for _, a := range addrs {
			if p, err := netip.ParsePrefix(a.String()); err == nil {
				one.Addrs = append(one.Addrs, scoped(p.Addr().Unmap(), i.Name))
			}
		}
		list = append(list, one)
	}
	return list, nil
}

// scoped gives a link-local address the zone without which nothing binds to it.
func scoped(a netip.Addr, zone string) netip.Addr {
	if a.Is6() && a.IsLinkLocalUnicast() {
		return a.WithZone(zone)
	}
	return a
}

// lookup prefers IPv4, as the original does.
func lookup(host string) ([]netip.Addr, error) {
	ctx, cancel := context.WithTimeout(context.Background(), lookupTime)
	defer cancel()
	addrs, err := net.DefaultResolver.LookupNetIP(ctx, "ip4", host)
	if err == nil && len(addrs) > 0 {
		return addrs, nil
	}
	return net.DefaultResolver.LookupNetIP(ctx, "ip6", host)
}

func reverseLookup(a netip.Addr) []string {
	ctx, cancel := context.WithTimeout(context.Background(), reverseTime)
	defer cancel()
	names, _ := net.DefaultResolver.LookupAddr(ctx, a.WithZone("").String())
	return names
}

// reverse asks for the names of all addresses at once and waits no longer than
// the slowest may take. Wildcards and multicast groups have no name.
func reverse(n Net, addrs []netip.Addr) [][]string {
	names := make([][]string, len(addrs))
	var wg sync.WaitGroup
	limit := make(chan struct{}, 16)
	for i, a := range addrs {
		if a.IsUnspecified() || a.IsMulticast() {
			continue
		}
		wg.Go(func() {
			limit <- struct{}{}
			names[i] = n.Reverse(a)
			<-limit
		})
	}
	wg.Wait()
	return names
}
