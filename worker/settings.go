package worker

import (
	"net/netip"
	"strconv"
	"time"

	"goser/cfg/param"
	"goser/sip"
	"goser/worker/handoff"
	"goser/worker/inflight"
	"goser/worker/module"
	"goser/worker/script"
	"goser/worker/stun"
)

// settle copies what the hot path needs out of the parameters.
func (w *Worker) settle(v *param.Values) {
	w.conf = settings{
		limits: sip.Limits{
			MaxHeaderBytes: v.Int(param.MaxHeaderBytes), MaxHeaders: v.Int(param.MaxHeaders),
			MaxVias: v.Int(param.MaxVias), MaxRoutes: v.Int(param.MaxRoutes),
		},
		strict:        v.Bool(param.RejectInvalid),
		checkVia:      v.Bool(param.CheckVia),
		replyToVia:    v.Bool(param.ReplyToVia),
		forceRport:    v.Bool(param.ForceRport),
		synBranch:     v.Bool(param.SynBranch),
		mhomed:        v.Bool(param.Mhomed),
		warning:       v.Bool(param.SIPWarning),
		amplification: v.Int(param.ReplyAmplification),
		selfVias:      v.Int(param.MaxSelfVias),
		batch:         min(v.Int(param.UDPBatch), inflight.MaxBatch),
		maxWaiting:    v.Int(param.MaxWaiting),
		maxDatagram:   v.Int(param.MaxDatagram),
		quarantine:    v.Int(param.QuarantineAfter),
		quarantineDir: v.Text(param.QuarantineDir),
		advAddr:       v.Text(param.AdvertisedAddress),
		advPort:       v.Int(param.AdvertisedPort),
		corelog:       v.Int(param.Corelog),
	}
	w.pace.Most = time.Duration(v.Int(param.UDPPause)) * time.Microsecond
	if v.Bool(param.ServerSignature) {
		if w.conf.server = v.Text(param.ServerHeader); w.conf.server == "" {
			w.conf.server = "Server: " + w.birth.Product
		}
	}
	w.conf.sendReplies = v.Bool(param.OnsendRouteReply)
	w.conf.viaDNS, w.conf.viaRevDNS = v.Bool(param.DNS), v.Bool(param.RevDNS)
	w.conf.stun = v.Bool(param.STUNAllowSTUN)
	w.conf.stunAnswer = stun.Options{Fingerprint: v.Bool(param.STUNAllowFP), RefreshMs: uint32(v.Int(param.STUNRefreshInterval))}
	if v.Bool(param.ServerSignature) {
		w.conf.stunAnswer.Software = w.birth.Product
	}
	w.stunRate.PerSecond = v.Int(param.STUNRateLimit)
	w.public = module.Conf{
		Amplification: w.conf.amplification, Limits: w.conf.limits,
		ServerLine: w.conf.server, Phone2tel: v.Bool(param.Phone2tel), ServerID: v.Int(param.ServerID),
		RevDNS: v.Bool(param.RevDNS), MaxBranches: v.Int(param.MaxBranches), LocalRport: v.Bool(param.LocalRport),
		ViaParams: v.Text(param.XAVPViaParams), ViaFields: v.Text(param.XAVPViaFields),
	}
	if v.Bool(param.ServerSignature) {
		if w.public.UserAgent = v.Text(param.UserAgentHeader); w.public.UserAgent == "" {
			w.public.UserAgent = "User-Agent: " + w.birth.Product
		}
	}
}

// staticSentBy is host[:port] for Via when nothing of the message changes it;
// "" for a wildcard socket, whose address depends on the message.
func staticSentBy(s handoff.Socket, conf settings) string {
	host, port := conf.advAddr, conf.advPort
	if s.Advertise != "" {
		host, port = s.Advertise, s.AdvertPort
	}
	if host == "" {
		if s.Addr.Addr().IsUnspecified() {
			return ""
		}
		host = hostOf(s.Addr.Addr())
	}
	if port == 0 {
		if port = int(s.Addr.Port()); port == defaultPort {
			return host
		}
	}
	return host + ":" + strconv.Itoa(port)
}

// advertisedBy lists what sockets advertise with an address of their own.
func advertisedBy(sockets []handoff.Socket) []told {
	var all []told
	for _, s := range sockets {
		if s.Advertise == "" {
			continue
		}
		t := told{bareHost(s.Advertise), s.AdvertPort, protoNumber(s.Proto)}
		if t.port == 0 {
			t.port = int(s.Addr.Port())
		}
		all = append(all, t)
	}
	return all
}

func hostOf(a netip.Addr) string {
	if a.Is6() && !a.Is4In6() {
		return "[" + a.String() + "]"
	}
	return a.Unmap().String()
}

func latency(v *param.Values) script.Latency {
	us := func(id param.ID) time.Duration { return time.Duration(v.Int(id)) * time.Microsecond }
	return script.Latency{
		Action: us(param.LatencyLimitAction), ActionLevel: v.Int(param.LatencyLog),
		Block: us(param.LatencyLimitCfg), BlockLevel: v.Int(param.LatencyCfgLog),
	}
}
