package module

import "goser/sip"

// Policy says which requests the server refuses before a script sees them. A
// module that checks the same by the script's will changes it in Start.
var Policy sip.Policy

// ownHosts are asked whether a host is this server, beside its sockets and aliases.
var ownHosts []func(host string, port int, proto Proto) bool

// RegisterOwnHosts adds to what the server takes for itself. Modules call it from
// Start; f is asked for each host that is no socket and no alias.
func RegisterOwnHosts(f func(host string, port int, proto Proto) bool) {
	ownHosts = append(ownHosts, f)
}

// OwnHost asks all that were registered.
func OwnHost(host string, port int, proto Proto) bool {
	for _, f := range ownHosts {
		if f(host, port, proto) {
			return true
		}
	}
	return false
}
