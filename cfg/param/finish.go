package param

import "fmt"

// Finish settles what the parameters mean together, once all are assigned: numbers that stand for a default,
// counts that follow others, switches that need others. Where it changes what was asked for, it warns.
// It may be called again and then changes nothing.
func (v *Values) Finish() {
	v.standIns()
	v.clamp()
	v.branches()
	v.requirements()
	v.policies()
}

// standIns replaces numbers that stand for something else.
func (v *Values) standIns() {
	for _, id := range []ID{Children, Port, TLSPortNo, TCPConnectTimeout, TCPSendTimeout} {
		n, byDefault := v.Int(id), table[id].Default.Num
		if n < 0 || n == 0 && table[id].Type == Int {
			v.SetInt(id, byDefault)
		}
	}
	for _, id := range []ID{TCPChildren, SCTPChildren} {
		if v.Int(id) <= 0 {
			v.SetInt(id, v.Int(Children))
		}
	}
	if v.Int(TCPConnectionLifetime) < 0 {
		v.SetInt(TCPConnectionLifetime, maxSeconds)
	}
	if v.Int(SCTPMaxAssocs) < 0 {
		v.SetInt(SCTPMaxAssocs, -1)
	}
}

// clamp brings into range what would not work outside it.
func (v *Values) clamp() {
	for _, id := range []ID{
		TCPConnectTimeout, TCPSendTimeout, TCPConnectionLifetime, TCPRdBufSize, SCTPSendRetries,
		SCTPHbinterval, UDPMTU, UDP4Raw, UDP4RawMTU, UDP4RawTTL,
	} {
		p, n := table[id], v.Int(id)
		if !outside(n, p.Min, p.Max) {
			continue
		}
		v.SetInt(id, max(p.Min, min(p.Max, n)))
		v.warn(p, fmt.Sprintf("taken for %d", v.Int(id)))
	}
}

// branches bounds max_branches by what a transaction has room for.
func (v *Values) branches() {
	const room = 12
	if v.Int(MaxBranches) > room {
		v.SetInt(MaxBranches, room)
		v.warn(table[MaxBranches], "taken for 12, the most there is room for")
	}
}

// requirements switches off what lacks what it needs.
func (v *Values) requirements() {
	v.needs(UseDNSCache, DNSCacheInit)
	v.needs(UseDNSFailover, UseDNSCache)
	v.needs(DNSSRVLB, UseDNSFailover)
	v.needs(UseDstBlacklist, DstBlacklistInit)
	v.needs(SCTPAssocReuse, SCTPAssocTracking)
	if v.Bool(DisableTCP) && v.Bool(EnableTLS) {
		v.warn(table[EnableTLS], "ignored, because it needs TCP and disable_tcp is on")
		v.SetInt(EnableTLS, 0)
		v.SetInt(DisableTLS, 1)
	}
	if v.Int(TCPKeepcnt) != 0 || v.Int(TCPKeepidle) != 0 || v.Int(TCPKeepintvl) != 0 {
		v.SetInt(TCPKeepalive, 1)
	}
	if !v.Bool(TCPAsync) {
		v.SetInt(TCPConnectWait, 0)
	}
}

// needs switches id off unless its requirement is on, and says so if somebody asked for it.
func (v *Values) needs(id, requirement ID) {
	if !v.Bool(id) || v.Bool(requirement) {
		return
	}
	v.SetInt(id, 0)
	if v.IsSet(id) {
		v.warn(table[id], "ignored, because it needs "+table[requirement].Name)
	}
}

// policies takes unknown scheduling policies for SCHED_OTHER. Set has warned already.
func (v *Values) policies() {
	for _, id := range []ID{RTPolicy, RTTimer1Policy, RTTimer2Policy} {
		if outside(v.Int(id), table[id].Min, table[id].Max) {
			v.SetInt(id, 0)
			v.warn(table[id], "taken for 0, SCHED_OTHER")
		}
	}
}
