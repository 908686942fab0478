package param

import "slices"

// A Param describes one core parameter. The table is read-only.
type Param struct {
	ID      ID
	Name    string
	Aliases []string
	Group   Group
	Type    Type
	Unit    Unit

	// Min and Max bound the value; both 0 means unbounded. They bind values of the configuration file
	// and the command line only where Strict is set: elsewhere a file value outside takes effect and
	// leaves a warning, as it always has.
	Min, Max int
	Strict   bool

	// Default is the value before any assignment. DefaultText, where set, is what it means in words.
	Default     Value
	DefaultText string
	Choices     []Choice // what an Enum may be, or what the numbers of a Flags or an Int mean

	RT  RT   // how it may be changed at run time; zero means not at all
	CLI byte // the command line option that sets it; 0 means none

	FirstWins           bool // later assignments in the file are ignored
	Sticky              bool // once on, a later off in the file is ignored
	OrderBeforeModparam bool // must precede the first modparam and the first route block
	RTOnly              bool // exists at run time only, not in the file

	opposite ID // the parameter that always holds the negation of this one; see negates
	negates  bool

	Since  string // the release that brought it; "goser" marks our own extensions
	Legacy string // accepted and without meaning: why
	Acts   bool   // the server does what Help says; false means pending
	// Meanwhile are the values that describe what the server does while the row is pending: asking
	// for one of them is no news.
	Meanwhile []int
	Note      string // what is missing while pending, or where we differ
	Help      string // one paragraph
}

// RT says how a parameter is changed at run time: `cfg.set_now_int Group Name value`.
type RT struct {
	Group, Name string
	Min, Max    int  // both 0 means unbounded
	Atomic      bool // seen at once, not at the next message or timer tick
	ReadOnly    bool
	Scale       int  // what is stored and read back is the value times Scale; 0 means 1
	Text        bool // set with a string
}

// Settable reports whether the parameter exists at run time.
func (r RT) Settable() bool { return r.Name != "" && !r.ReadOnly }

// A Choice is one name an enumeration may take, and the number it stands for.
type Choice struct {
	Name  string
	Value int
}

// Group is a chapter of the table.
type Group string

// The groups, in the order of the documentation.
const (
	GroupCore      Group = "core"
	GroupDNS       Group = "dns"
	GroupTCP       Group = "tcp"
	GroupSCTP      Group = "sctp"
	GroupBlacklist Group = "blacklist"
	GroupRealTime  Group = "realtime"
	GroupLimits    Group = "limits"
	GroupKamailio  Group = "kamailio"
	GroupTLS       Group = "tls"
	GroupOld       Group = "old"
)

// Type says what may stand to the right of the equals sign.
type Type uint8

// The types.
const (
	Bool       Type = iota // yes true on enable 1, no false off disable 0
	Int                    // a number without sign
	IntSigned              // a number, possibly negative
	Flags                  // a number that is the sum of the values in Choices
	String                 // a quoted string
	Format                 // a quoted string with variables in it
	StringOrID             // a quoted string or a bare word
	Enum                   // one of the names in Choices
	Proto                  // UDP, TCP, TLS or SCTP
	TOSNumber              // a number or one of the names in Choices, in any case
	ListenID               // an IP address, a quoted string or a bare host name
	IPv4                   // an IPv4 address
	IPv6                   // an IPv6 address
	Any                    // a number, a quoted string or a bare word
	Statement              // no value at all: the grammar knows it by itself
)

// String names the type as error messages and the documentation do.
func (t Type) String() string { return typeNames[t] }

var typeNames = [...]string{
	Bool: "boolean", Int: "number", IntSigned: "signed number", Flags: "flags", String: "string", Format: "string with variables",
	StringOrID: "string or name", Enum: "name", Proto: "protocol", TOSNumber: "number or name",
	ListenID: "address or host", IPv4: "IPv4 address", IPv6: "IPv6 address", Any: "any value", Statement: "statement",
}

// Numeric reports whether Values holds the parameter as a number. Enum and TOSNumber are read as numbers too.
func (t Type) Numeric() bool {
	switch t {
	case Bool, Int, IntSigned, Flags, Enum, Proto, TOSNumber:
		return true
	}
	return false
}

// Unit is what a number counts.
type Unit string

// The units.
const (
	NoUnit       Unit = ""
	Seconds      Unit = "s"
	Milliseconds Unit = "ms"
	Microseconds Unit = "us"
	Bytes        Unit = "bytes"
	KB           Unit = "KB"
	MB           Unit = "MB"
)

// Lookup finds what the file calls name, which may be an alias. Names are case-sensitive. It returns nil
// for unknown names and for those that exist at run time only.
func Lookup(name string) *Param {
	if id, ok := byName[name]; ok {
		return table[id]
	}
	return nil
}

// LookupRT finds a parameter by its run-time group and name.
func LookupRT(group, name string) *Param {
	for i := range table {
		if rt := &table[i].RT; rt.Name == name && rt.Group == group && name != "" {
			return table[i]
		}
	}
	return nil
}

// IsRTGroup tells whether parameters are changed at run time under that group.
func IsRTGroup(group string) bool {
	for i := range table {
		if rt := &table[i].RT; rt.Name != "" && rt.Group == group {
			return true
		}
	}
	return false
}

// Get returns the row of a parameter.
func Get(id ID) *Param { return table[id] }

// All returns every row, by group and then by name.
func All() []*Param { return filter(func(*Param) bool { return true }) }

// Pending returns the parameters that are accepted and do not act yet.
func Pending() []*Param {
	return filter(func(p *Param) bool { return !p.Acts && p.Legacy == "" })
}

// Runtime returns the parameters that exist at run time.
func Runtime() []*Param { return filter(func(p *Param) bool { return p.RT.Name != "" }) }

func filter(keep func(*Param) bool) []*Param {
	var list []*Param
	for i := range table {
		if keep(table[i]) {
			list = append(list, table[i])
		}
	}
	return list
}

// table holds the rows, indexed by ID.
var table = buildTable(processParams, logParams, networkParams, messageParams, scriptParams,
	kamailioParams, kamailioTCPParams, coreTLSParams, dnsParams, tcpParams, sctpParams, blacklistParams, realTimeParams, limitParams, tlsParams, oldParams)

var byName = buildIndex()

func buildTable(groups ...[]Param) (t [count]*Param) {
	for _, rows := range groups {
		for i := range rows {
			p := &rows[i]
			if t[p.ID] != nil {
				panic("param: " + p.Name + ": the ID is taken by " + t[p.ID].Name)
			}
			t[p.ID] = p
		}
	}
	if slices.Contains(t[:], nil) {
		panic("param: an ID without a row")
	}
	return t
}

func buildIndex() map[string]ID {
	index := make(map[string]ID)
	for i := range table {
		p := table[i]
		if p.RTOnly {
			continue
		}
		for _, name := range append([]string{p.Name}, p.Aliases...) {
			if _, taken := index[name]; taken {
				panic("param: " + name + " is there twice")
			}
			index[name] = p.ID
		}
	}
	return index
}

// Warning is what to tell at start about a parameter in use; it is empty for those that act.
func (p *Param) Warning() string {
	switch {
	case p.Legacy != "":
		return p.Name + ": accepted, but has no effect: " + p.Legacy
	case !p.Acts:
		return p.Name + ": accepted, but does not act yet"
	}
	return ""
}

// WarningFor is Warning for the value that v holds: none if that is what happens anyway.
func (p *Param) WarningFor(v *Values) string {
	if !p.Acts && p.Type.Numeric() && slices.Contains(p.Meanwhile, v.Int(p.ID)) {
		return ""
	}
	return p.Warning()
}
