package module

import (
	"net/netip"
	"strings"
	"time"

	"goser/cfg/check"
	"goser/sip"
)

// MaxBranches is how many destinations a request can have, the R-URI included.
const MaxBranches = 12

// Proto is a transport, numbered as scripts see it.
type Proto = check.Proto

// Socket is a local socket that messages come in by and leave by.
type Socket struct {
	Index      int // position in the server's list
	Proto      Proto
	Addr       netip.AddrPort // bound address
	Name       string         // as configured
	Label      string         // what scripts call it, "" nothing
	SentBy     string         // host[:port] for Via, advertised address considered
	Advertised bool
}

// Received is where a message came from.
type Received struct {
	Src    netip.AddrPort
	SrcIP  string         // address of Src as text
	Dst    netip.AddrPort // local address; for a wildcard socket the real one
	Socket *Socket
	Proto  Proto
	Time   time.Time
	Number uint64 // of the message in this process, from 1
	ID     uint64 // of the datagram: the same when it is run again after a death; 0 none
}

// Branch is one further destination, made by append_branch.
type Branch struct {
	URI    string
	Dst    string
	Path   string
	Q      int16 // thousandths, -1 unset
	Flags  uint32
	Socket *Socket
	Binding
}

// Binding is the registration that a destination comes from (RFC 3261 §10.2), as scripts see it.
type Binding struct {
	RUID, Agent, Instance string // unique id, User-Agent, +sip.instance; "" unknown
	Conn                  int32  // connection the contact is reached by, 0 none
}

// Dest is where a request goes; script functions change it at once.
type Dest struct {
	URI      string // R-URI if rewritten, "" if still the received one
	Next     string // $du, "" if unset
	Socket   *Socket
	Flags    uint32 // branch flags of branch 0
	Branches [MaxBranches - 1]Branch
	N        int     // used Branches
	Binding  Binding // of branch 0
	Staged   Branch  // $sbranch: made ready apart from the others
	Staging  bool    // Staged has been written to
}

// Ctx is one message on its way through the script. It is reused for the next
// message: nothing may keep it, nor a string taken from it.
type Ctx struct {
	SIP   sip.Msg
	Edits sip.Edits // changes of the message, seen only when it is sent on
	Recv  Received
	Dest  Dest
	Env   Env // what the worker does for modules

	Route       check.RouteKind // the top-level block that runs
	Flags       uint32          // message flags
	MoreFlags   uint64          // corex's extended message flags
	Internal    InternalFlags
	ScriptFlags uint32

	ReplyHeaders []string // header lines with CRLF for local replies
	ReplyBody    string
	ReplyType    string // content type of ReplyBody

	ForceRport      bool
	AddLocalRport   bool
	ViaKnown        bool // the name in the top Via is one of the source's (dns, rev_dns): no received
	MaxForwardsDone bool // a function has dealt with Max-Forwards
	ViaOptions      ViaOptions
	AdvertisedAddr  string // for this message, before the socket's own
	AdvertisedPort  int
	Replied         int    // status of the final reply sent for this request, 0 none
	Faked           bool   // SIP is no message: an event of the server's own runs
	Datagram        string // where it is seen before it is a message: what has come, else ""
	Wire            Wire   // which way the datagram goes that SIP.Raw holds, before it is a message or when it is one no more
	Sent            SentInfo

	Vars *Vars // $var: the process's script variables
	RC   int32 // $rc
	AVPs AVPList

	Ended     bool   // the route that Runner ran last ended by exit or drop
	Runner    Runner // runs routes, for modules; the engine sets it
	FormatMax int    // pv_buffer_size: longest text a format makes; 0 means 8192

	RR RouteState // module rr's

	LastErr int // error code of the last failed core function, for sl_reply_error

	AuthUser string // user, without a domain, whose credentials were found good; "" nobody's. Whoever checks them sets it

	Tx   TxRef  // module tm's
	Owns uint32 // requests of our own sent on behalf of this message

	Instances Instances // of groups of runtime variables (cfg_select)

	why  string // what the last Fail said
	temp sip.URI

	uri     sip.URI
	uriOf   string
	uriErr  error
	uriSet  bool
	scratch []byte
	built   int // bytes of scratch buffers that were left full
	texts   []string
	slots   []*slot
	depth   int
}

// InternalFlags are those that corex's msg_iflag_set sets by name.
type InternalFlags uint8

// The internal flags. They tell module uac to leave the texts it would restore.
const (
	UseUACFrom InternalFlags = 1 << iota
	UseUACTo
	UACAuth
)

// SentInfo is what onsend_route sees: the message that is about to leave.
type SentInfo struct {
	Valid bool
	To    netip.AddrPort
	From  *Socket
	Data  []byte
}

// Reset prepares c for the next message; buffers are kept.
func (c *Ctx) Reset() {
	c.Forget()
	c.Recv = Received{}
	c.AVPs.Reset()
	c.resetScratch()
}

// Forget undoes what a route did to the message. Where that came from, its AVPs and the texts that were built stay.
func (c *Ctx) Forget() {
	c.Edits.Reset()
	c.Dest.URI, c.Dest.Next, c.Dest.Socket, c.Dest.Flags = "", "", nil, 0
	clear(c.Dest.Branches[:c.Dest.N])
	c.Dest.N = 0
	c.Dest.Binding, c.Dest.Staged, c.Dest.Staging = Binding{}, Branch{}, false
	c.Flags, c.MoreFlags, c.Internal, c.ScriptFlags, c.Route = 0, 0, 0, 0, 0
	clear(c.ReplyHeaders)
	c.ReplyHeaders = c.ReplyHeaders[:0]
	c.ReplyBody, c.ReplyType = "", ""
	c.ForceRport, c.AddLocalRport, c.ViaKnown, c.MaxForwardsDone = false, false, false, false
	c.AdvertisedAddr, c.AdvertisedPort, c.ViaOptions = "", 0, 0
	c.Replied, c.RC, c.LastErr, c.why, c.AuthUser = 0, 0, 0, "", ""
	c.Sent = SentInfo{}
	c.Tx, c.Owns = TxRef{Branch: -1}, 0
	c.RR = RouteState{}
	c.Instances = Instances{}
	c.Faked, c.Datagram, c.Wire = false, "", NoWire
	c.uriSet, c.uriOf, c.uriErr = false, "", nil
}

// RequestURI is the current R-URI as text: the rewritten one, else the
// received one. It is "" in replies.
func (c *Ctx) RequestURI() string {
	if c.Dest.URI != "" {
		return c.Dest.URI
	}
	return c.SIP.RURI
}

// ParsedURI is the current R-URI, parsed once for each value it takes.
func (c *Ctx) ParsedURI() (*sip.URI, error) {
	cur := c.RequestURI()
	if !c.uriSet || c.uriOf != cur {
		c.uriErr = sip.ParseURI(cur, &c.uri)
		c.uriOf, c.uriSet = cur, true
	}
	return &c.uri, c.uriErr
}

// Phone takes a sip: URI with user=phone for a tel: URI (RFC 3261 §19.1.1) if phone2tel says so: its user is a
// number, and what follows the number's semicolon are parameters of it.
func (c *Ctx) Phone(u *sip.URI) (number, params string, ok bool) {
	if u.Scheme != sip.SchemeSIP && u.Scheme != sip.SchemeSIPS || !c.Env.Conf().Phone2tel {
		return "", "", false
	}
	if v, found := u.Param("user"); !found || !sip.EqualFold(v, "phone") {
		return "", "", false
	}
	number, params, _ = strings.Cut(u.User, ";")
	return number, params, true
}

// URIUser is the user of a URI as scripts see it; see Phone.
func (c *Ctx) URIUser(u *sip.URI) string {
	if number, _, ok := c.Phone(u); ok {
		return number
	}
	return u.User
}

// TempURI parses a URI into memory of c, which the next call overwrites.
func (c *Ctx) TempURI(s string) (*sip.URI, error) { return &c.temp, sip.ParseURI(s, &c.temp) }

// TempLooseURI is TempURI for LooseURI.
func (c *Ctx) TempLooseURI(s string) (*sip.URI, bool) { return &c.temp, LooseURI(s, &c.temp) }

// SocketCalled is the listening socket that the file calls so, whatever the case, nil if there is none.
func (c *Ctx) SocketCalled(name string) *Socket {
	for _, s := range c.Env.Sockets() {
		if name != "" && sip.EqualFold(s.Label, name) {
			return s
		}
	}
	return nil
}

// BranchesFull tells whether the request has as many destinations as max_branches allows.
func (c *Ctx) BranchesFull() bool {
	limit := MaxBranches
	if n := c.Env.Conf().MaxBranches; n > 0 {
		limit = min(n, MaxBranches)
	}
	return c.Dest.N+1 >= limit
}

// SetURI rewrites the R-URI. The text is copied.
func (c *Ctx) SetURI(uri string) { c.Dest.URI = c.Keep(uri) }

// Fail is how a function fails with a reason: code, which is negative, is what
// the script gets and sl_reply_error answers with; why goes to the log with the
// place in the script, at a bounded rate. It must be a constant or live as long
// as the message.
func (c *Ctx) Fail(code int, why string) int {
	c.LastErr, c.why = code, why
	return code
}

// Complain says in the log, as Fail does, what a function could not do that
// succeeds all the same.
func (c *Ctx) Complain(why string) { c.why = why }

// Why is for the engine: what the last Fail said, once.
func (c *Ctx) Why() string {
	why := c.why
	c.why = ""
	return why
}

// maxApplied bounds what a message may become: what fits in a datagram.
const maxApplied = 64<<10 - 1

// Errors of Apply and Replace.
const (
	errRecorded = "the message has its Record-Route: it cannot be made anew"
	errTooLong  = "the message would be longer than 65535 bytes"
	errKind     = "a request cannot become a reply, nor a reply a request"
)

// Apply carries all edits out: the message is built, parsed, and looks to
// everybody as if it had come like that. R-URI and status are in it then. After a
// failure nothing has changed.
func (c *Ctx) Apply() error {
	if c.RR.Recorded {
		return &Error{Code: ErrUnspec, Msg: errRecorded}
	}
	edits := &c.Edits
	return c.Replace(c.Build(len(c.SIP.Raw)+1024, func(dst []byte) []byte {
		return edits.AppendApplied(dst, &c.SIP, c.Dest.URI)
	}))
}

// Replace puts another message in the place of the present one: raw must live as
// long as it (Keep, Build). All edits are forgotten, and the R-URI that the script
// set. After a failure nothing has changed.
func (c *Ctx) Replace(raw string) error {
	if len(raw) > maxApplied {
		return &Error{Code: ErrUnspec, Msg: errTooLong}
	}
	old, request, status := c.SIP.Raw, c.SIP.IsRequest, c.SIP.StatusCode
	err := c.SIP.Parse(raw)
	if err == nil && c.SIP.IsRequest != request {
		err = &Error{Code: ErrUnspec, Msg: errKind}
	}
	c.uriSet = false
	if err != nil {
		// A new status is lost with the attempt; the old text parses, it did before.
		_ = c.SIP.Parse(old)
		c.SIP.StatusCode = status
		return err
	}
	c.Edits.Reset()
	c.Dest.URI, c.RR.Gone = "", 0
	return nil
}
