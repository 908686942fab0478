package corex

import (
	"errors"
	"fmt"
	"strings"

	"goser/cfg/check"
	"goser/sip"
	"goser/worker/module"
)

// subdomains are the domains that are this server with all names below them.
var subdomains []check.Addr

func addSubdomain(v module.Value) error {
	a, why := check.ParseAddr(v.Str)
	if why != "" {
		return errors.New(why)
	}
	if a.Host == "" || strings.Contains(a.Host, "=") {
		return fmt.Errorf("%q: expected [proto:]domain[:port]", v.Str)
	}
	subdomains = append(subdomains, a)
	return nil
}

func start(e module.Env) error {
	startNetwork(e)
	if len(subdomains) > 0 {
		module.RegisterOwnHosts(isSubdomain)
	}
	return nil
}

// isSubdomain: the names end alike, at a dot.
func isSubdomain(host string, port int, proto module.Proto) bool {
	for i := range subdomains {
		d := &subdomains[i]
		n := len(host) - len(d.Host)
		if n >= 0 && sip.EqualFold(host[n:], d.Host) && (n == 0 || host[n-1] == '.') &&
			(d.Port == 0 || port == module.AnyPort || port == int(d.Port)) &&
			(d.Proto == check.ProtoAny || proto == check.ProtoAny || proto == d.Proto) {
			return true
		}
	}
	return false
}
