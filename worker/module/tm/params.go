package tm

import (
	"fmt"
	"strings"

	"goser/cfg/check"
	"goser/worker/module"
)

// settings are the module's parameters; times in ms.
type settings struct {
	fr, frInv, frInvNext, wt, retr1, retr2, maxInv, maxOther int32
	auto100, restartFR, aggregate, unmatchedCancel           int32
	cancelMethod, ruriMatching, via1Matching                 int32
	disable6xx, failureReplyMode, fakedPrio, richRedirect    int32
	remap503, localReason, e2eReason, relay100, maxBreadth   int32
	defaultCode                                              int32
	auto100Reason, defaultReason, onSlReply                  string
	frAVP, frInvAVP                                          string
	warnings                                                 []string
}

var params = defaults()

func defaults() settings {
	return settings{
		fr: 30000, frInv: 120000, frInvNext: 30000, wt: 5000, retr1: 500, retr2: 4000, maxInv: 180000, maxOther: 32000,
		auto100: 1, restartFR: 1, aggregate: 1, cancelMethod: 1, ruriMatching: 1, via1Matching: 1,
		remap503: 1, failureReplyMode: 3, localReason: 1, e2eReason: 1, maxBreadth: 60, defaultCode: 500,
		auto100Reason: "trying -- your call is important to us", defaultReason: "Server Internal Error",
	}
}

// timer is a parameter with a time. Old files give seconds: no sane number of
// milliseconds is below 200.
func timer(name string, p *int32, help string, aliases ...string) module.Param {
	return module.Param{
		Name: name, Aliases: aliases, Kind: check.ParamInt, Help: help + "; ms, below 200: seconds, with a warning",
		Set: func(v module.Value) error {
			n := v.AsInt()
			switch {
			case n < 1:
				return fmt.Errorf("%s is %d: want at least 1 ms", name, n)
			case n < 200:
				params.warnings = append(params.warnings, fmt.Sprintf("modparam(\"tm\", %q, %d): taken as %d seconds: write %d (milliseconds)", name, n, n, n*1000))
				n *= 1000
			}
			*p = n
			return nil
		},
	}
}

// flag is a parameter that is on with any number but 0.
func flag(name string, p *int32, help string) module.Param {
	return module.Param{Name: name, Kind: check.ParamInt, Help: help, Set: module.Switch(p)}
}

// between is a parameter with a few meaningful numbers.
func between(name string, p *int32, low, high int32, help string) module.Param {
	return module.Param{Name: name, Kind: check.ParamInt, Help: help, Set: func(v module.Value) error {
		n := v.AsInt()
		if n < low || n > high {
			return fmt.Errorf("%s is %d: want %d to %d", name, n, low, high)
		}
		*p = n
		return nil
	}}
}

func words(name string, p *string, help string) module.Param {
	return module.Param{Name: name, Kind: check.ParamStr, Str: p, Help: help}
}

// timerAVP is a parameter that names an AVP: $avp(s:x), "s:x" or "x".
func timerAVP(name string, p *string, help string) module.Param {
	return module.Param{Name: name, Kind: check.ParamStr, Help: help, Set: func(v module.Value) error {
		s := strings.TrimSpace(v.Str)
		if inner, ok := strings.CutPrefix(s, "$avp("); ok {
			s = strings.TrimSuffix(inner, ")")
		}
		if s = strings.TrimPrefix(s, "$"); s == "" {
			return fmt.Errorf("%s is empty: want the name of an AVP, as in $avp(s:timer)", name)
		}
		*p = module.AVPName(s)
		return nil
	}}
}

// idle is a parameter that has no meaning here; using it is said at start.
func idle(name, why string) module.Param { return idleOf(check.ParamInt, name, why) }

// idleText is idle for texts.
func idleText(name, why string) module.Param { return idleOf(check.ParamStr, name, why) }

func idleOf(kind check.ParamKind, name, why string) module.Param {
	return module.Param{Name: name, Kind: kind, Help: "accepted without effect: " + why, Set: func(module.Value) error {
		params.warnings = append(params.warnings, fmt.Sprintf("modparam(\"tm\", %q): no effect: %s", name, why))
		return nil
	}}
}

func moduleParams() []module.Param {
	p := &params
	return []module.Param{
		timer("fr_timer", &p.fr, "how long a branch may stay without any reply, other than INVITE without a final one"),
		timer("fr_inv_timer", &p.frInv, "how long an INVITE may ring after a provisional reply"),
		timer("fr_inv_timer_next", &p.frInvNext, "the same for legs started in failure_route by old scripts; without effect"),
		timer("wt_timer", &p.wt, "how long a finished transaction is kept to absorb retransmissions"),
		timer("retr_timer1", &p.retr1, "first retransmission (T1)", "retr_timer1p1"),
		timer("retr_timer2", &p.retr2, "longest time between retransmissions (T2)"),
		timer("max_inv_lifetime", &p.maxInv, "end of an INVITE transaction whatever happens"),
		timer("max_noninv_lifetime", &p.maxOther, "end of any other"),
		flag("auto_inv_100", &p.auto100, "send 100 as soon as an INVITE is relayed"),
		words("auto_inv_100_reason", &p.auto100Reason, "its reason"),
		between("default_code", &p.defaultCode, 100, 699, "status when the one given to t_reply is empty"),
		words("default_reason", &p.defaultReason, "reason when the one given is empty"),
		flag("restart_fr_on_each_reply", &p.restartFR, "each provisional reply restarts fr_inv_timer; 0: only one with a higher status"),
		flag("aggregate_challenges", &p.aggregate, "join the challenges of several branches in one reply"),
		between("unmatched_cancel", &p.unmatchedCancel, 0, 2, "a CANCEL for nothing: 0 relay with state, 1 without, 2 drop"),
		between("cancel_b_method", &p.cancelMethod, 0, 2, "cancelling a branch without any reply: 0 take 487 for granted, 1 when a provisional comes, 2 at once"),
		flag("ruri_matching", &p.ruriMatching, "RFC 2543 clients: compare the Request-URI"),
		flag("via1_matching", &p.via1Matching, "RFC 2543 clients: compare the top Via"),
		flag("disable_6xx_block", &p.disable6xx, "6xx does not end the other branches"),
		between("failure_reply_mode", &p.failureReplyMode, 0, 3, "replies before a new leg: 0 keep, 1 and 3 drop all, 2 drop those of the last leg"),
		between("faked_reply_prio", &p.fakedPrio, -10000, 10000, "added to the rank of a 408 by timer; a lower rank wins"),
		flag("remap_503_500", &p.remap503, "a 503 that wins is relayed as 500"),
		flag("local_cancel_reason", &p.localReason, "Reason in CANCELs of our own"),
		flag("e2e_cancel_reason", &p.e2eReason, "copy Reason from the CANCEL received"),
		flag("relay_100", &p.relay100, "relay 100, too"),
		between("rich_redirect", &p.richRedirect, 0, 3, "what the Contacts of a 3xx of ours say beside URI and q: 1 branch flags, 2 the path, 3 both"),
		between("max_breadth", &p.maxBreadth, 0, 1000, "Max-Breadth of a request that is forked and has none (RFC 5393); 0: none is added"),
		timerAVP("fr_timer_avp", &p.frAVP, "AVP whose value, in seconds, is fr_timer of a request"),
		timerAVP("fr_inv_timer_avp", &p.frInvAVP, "AVP whose value, in seconds, is fr_inv_timer of a request"),
		words("on_sl_reply", &p.onSlReply, "onreply_route for replies without a transaction; drop in it drops them"),
		idle("callid_matching", "Call-ID and CSeq are always compared"),
		idleText("contacts_avp", "t_load_contacts keeps destinations under a name of its own"),
		idleText("contact_flows_avp", "t_load_contacts keeps destinations under a name of its own"),
		idleText("xavp_contact", "branches carry no attributes yet"),
		idleText("ac_extra_hdrs", "CANCEL and ACK carry what RFC 3261 §9.1 and §17.1.1.3 ask for"),
		idleText("event_callback", "there is no other language"),
		idleText("event_callback_lres_sent", "there is no other language"),
		idle("failure_exec_mode", "the failure route runs for replies only; see $rc of t_relay"),
		idle("noisy_ctimer", "a call that times out is always cancelled and answered"),
		idle("delete_timer", "memory is freed when a transaction ends"),
		idle("retr_timer1p2", "the times between retr_timer1 and retr_timer2 double"),
		idle("retr_timer1p3", "the times between retr_timer1 and retr_timer2 double"),
		idle("pass_provisional_replies", "there are no callbacks"),
		idle("reparse_invite", "CANCEL and ACK are always built from the INVITE as sent"),
		idle("reparse_on_dns_failover", "there is no DNS failover after a timeout yet"),
		idle("reply_relay_mode", "a 200 is always relayed"),
		idle("local_ack_mode", "an ACK goes where the INVITE went (RFC 3261 §17.1.1.3)"),
		idle("exec_time_check", "routes are bounded by the engine"),
		idle("unix_tx_timeout", "there is no FIFO"),
		idle("hash_size", "the table grows with the memory"),
		idleText("tw_append", "there is no FIFO"),
		idle("blst_503", "there is no blacklist yet"),
		idle("blst_503_def_timeout", "there is no blacklist yet"),
		idle("blst_503_min_timeout", "there is no blacklist yet"),
		idle("blst_503_max_timeout", "there is no blacklist yet"),
		idle("blst_methods_add", "there is no blacklist yet"),
		idle("blst_methods_lookup", "there is no blacklist yet"),
		idle("dns_reuse_rcv_socket", "the receiving socket is always preferred"),
		idle("enable_uac_fr", "locally made requests have all timers"),
	}
}
