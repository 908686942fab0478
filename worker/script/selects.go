package script

import (
	"fmt"
	"strings"

	"goser/cfg/check"
	"goser/sip"
	"goser/worker/module"
)

// A select is bound once, at start, to a function that reads it; whatever does
// not exist is an error then. What the message does not have is undef.

type (
	selector  = func(c *module.Ctx) module.Value
	selParts  = []check.SelectPart
	textFunc  = func(c *module.Ctx) (string, bool)
	addrFunc  = func(c *module.Ctx) (sip.NameAddr, bool)
	partTable = map[string]func(rest selParts) (selector, error)
)

var coreSelects = []module.Select{
	{Root: "ruri", Aliases: []string{"request_uri"}, Prepare: uriRoot(requestURI), Help: "the current R-URI; .user .host .port ..."},
	{Root: "dst_uri", Prepare: uriRoot(func(c *module.Ctx) (string, bool) { return c.Dest.Next, c.SIP.IsRequest }), Help: "the next hop that was set"},
	{Root: "next_hop", Prepare: uriRoot(nextHop), Help: "dst_uri, else ruri"},
	{Root: "from", Aliases: []string{"f"}, Prepare: addrRoot(sip.HdrFrom), Help: "From; .uri .name .tag .params[\"x\"]"},
	{Root: "to", Aliases: []string{"t"}, Prepare: addrRoot(sip.HdrTo), Help: "To"},
	{Root: "refer_to", Prepare: addrRoot(sip.HdrReferTo), Help: "Refer-To"},
	{Root: "remote_party_id", Aliases: []string{"rpid"}, Prepare: addrRoot(sip.HdrRemotePartyID), Help: "Remote-Party-ID"},
	{Root: "contact", Aliases: []string{"m"}, Prepare: addrRoot(sip.HdrContact), Help: "the first Contact; also .q .expires .methods .received .instance"},
	{Root: "record_route", Aliases: []string{"rr"}, Prepare: addrRoot(sip.HdrRecordRoute), Help: "the first Record-Route"},
	{Root: "via", Aliases: []string{"v"}, Prepare: viaRoot, Help: "@via[n]: 1 is the top one, -1 the last; .host .port .branch ..."},
	{Root: "cseq", Prepare: cseqRoot, Help: "CSeq; .num .method"},
	{Root: "msg", Aliases: []string{"message"}, Prepare: msgRoot, Help: "the message; .first_line .len .id .type .header[\"x\"] .body .request .response"},
	{Root: "method", Prepare: leaf(requestWord(func(c *module.Ctx) string { return c.SIP.MethodName })), Help: "method of a request"},
	{Root: "version", Prepare: leaf(func(c *module.Ctx) module.Value { return module.StrValue(c.SIP.Version) }), Help: "protocol version"},
	{Root: "status", Aliases: []string{"code"}, Prepare: leaf(status), Help: "status of a reply"},
	{Root: "reason", Prepare: leaf(reason), Help: "reason of a reply"},
	{Root: "src", Prepare: addrPortRoot(func(c *module.Ctx) sockAddr { return sockAddr{c.Recv.Src, c.Recv.Proto} }, false), Help: "where the message came from; .ip .port .ip_port"},
	{Root: "dst", Prepare: addrPortRoot(func(c *module.Ctx) sockAddr { return sockAddr{c.Recv.Dst, c.Recv.Proto} }, false), Help: "the local address it came to"},
	{Root: "received", Prepare: addrPortRoot(func(c *module.Ctx) sockAddr { return sockAddr{c.Recv.Dst, c.Recv.Proto} }, true), Help: "as dst; also .proto .proto_ip_port"},
	{Root: "sys", Prepare: sysRoot, Help: "the server; .pid .unique .now .server_id"},
	{Root: "cfg_get", Prepare: confRoot, Help: "@cfg_get.group.name: a runtime variable that the file declares with group.name = value"},
	{Root: "branch", Prepare: branchRoot, Help: ".count .uri[n] .dst_uri[n] .q[n]"},
	headerRoot("call_id", sip.HdrCallID), headerRoot("expires", sip.HdrExpires), headerRoot("max_forwards", sip.HdrMaxForwards),
	headerRoot("content_type", sip.HdrContentType), headerRoot("content_length", sip.HdrContentLength),
	headerRoot("subject", sip.HdrSubject), headerRoot("organization", sip.HdrOrganization), headerRoot("priority", sip.HdrPriority),
	headerRoot("session_expires", sip.HdrSessionExpires), headerRoot("min_se", sip.HdrMinSE), headerRoot("user_agent", sip.HdrUserAgent),
	headerRoot("sip_if_match", sip.HdrSIPIfMatch), headerRoot("date", sip.HdrDate), headerRoot("identity", sip.HdrIdentity),
	headerRoot("identity_info", sip.HdrIdentityInfo),
	{Root: "event", Help: "package of Event", Prepare: eventRoot},
}

func requestURI(c *module.Ctx) (string, bool) { return c.RequestURI(), c.SIP.IsRequest }

func nextHop(c *module.Ctx) (string, bool) {
	if c.Dest.Next != "" {
		return c.Dest.Next, true
	}
	return requestURI(c)
}

func requestWord(get func(c *module.Ctx) string) selector {
	return func(c *module.Ctx) module.Value { return module.OptStr(get(c), c.SIP.IsRequest) }
}

func status(c *module.Ctx) module.Value {
	if c.SIP.IsRequest {
		return module.Undef
	}
	return module.StrValue(c.Itoa(int64(c.SIP.StatusCode)))
}

func reason(c *module.Ctx) module.Value { return module.OptStr(c.SIP.Reason, !c.SIP.IsRequest) }

// leaf is a select without further parts.
func leaf(get selector) func(selParts) (selector, error) {
	return func(parts selParts) (selector, error) {
		if len(parts) > 0 {
			return nil, fmt.Errorf("nothing can follow, but .%s does", parts[0].Name)
		}
		return get, nil
	}
}

// byName binds the next part to a row of a table.
func byName(parts selParts, rows partTable, names string) (selector, error) {
	if len(parts) > 0 && !parts[0].IsArg {
		if row := rows[strings.ToLower(parts[0].Name)]; row != nil {
			return row(parts[1:])
		}
	}
	if len(parts) == 0 {
		return nil, fmt.Errorf("something must follow: expected %s", names)
	}
	return nil, fmt.Errorf("unknown part %q: expected %s", parts[0].Name, names)
}

// index takes a [n] or .n off the parts; def if there is none.
func index(parts selParts, def int) (int, selParts) {
	if len(parts) > 0 && parts[0].IsInt {
		return int(parts[0].Int), parts[1:]
	}
	if len(parts) > 0 && !parts[0].IsArg {
		if n, ok := module.ParseInt(parts[0].Name); ok {
			return int(n), parts[1:]
		}
	}
	return def, parts
}

// headerRoot is a header whose body is all there is to select.
func headerRoot(root string, t sip.HeaderType) module.Select {
	return module.Select{Root: root, Prepare: leaf(headerBody(t)), Help: "body of the header " + t.String()}
}

func headerBody(t sip.HeaderType) selector {
	return func(c *module.Ctx) module.Value {
		if h := c.SIP.First(t); h != nil {
			return module.StrValue(h.Body)
		}
		return module.Undef
	}
}

// eventRoot is @event: the package without its parameters.
func eventRoot(parts selParts) (selector, error) {
	if len(parts) > 0 {
		return nil, fmt.Errorf("@event has no parts")
	}
	return module.SelectText(func(c *module.Ctx) (string, bool) {
		h := c.SIP.First(sip.HdrEvent)
		if h == nil {
			return "", false
		}
		name, _, _ := strings.Cut(h.Body, ";")
		return strings.TrimSpace(name), true
	}), nil
}
