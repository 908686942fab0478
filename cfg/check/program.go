// Package check turns a parsed configuration into a typed, resolved Program:
// functions, routes, flags, variables and regular expressions are looked up
// once, at start, and everything wrong is reported with its place.
//
// What the server's modules offer comes in through the Catalog interface.
package check

import (
	"net/netip"

	"goser/cfg/ere"
	"goser/cfg/param"
	"goser/cfg/syntax"
)

// Program is a configuration, ready to run. It is never changed after Load.
type Program struct {
	Empty  bool // no statement at all
	Files  *syntax.FileSet
	Params []ParamValue // in file order; the last one of a name wins unless its table row says otherwise
	// Values holds the same, converted and checked by the table of package
	// param. The command line may still Override; Finish has not been called.
	Values     *param.Values
	LogPrefix  []Part // of the parameter log_prefix
	LoadPath   string
	Listen     []Addr
	Aliases    []Addr
	Modules    []Module // in load order, each once
	ModParams  []ModParam
	Flags      [32]string // names of message flags by number
	AVPFlags   []string
	CustomVars []CustomVar
	Routes     []*Route   // in file order
	Statements []StmtInfo // by Stmt.ID

	// Mentions are texts by which what is unknown, because a condition of the
	// preprocessor leaves it out, its module is missing or it is wrong, may mean
	// blocks, variables and flags of the file.
	Mentions []string

	Dynamic bool // some block is named by a value known only when the script runs

	// The blocks run without being named; nil if absent.
	Main            *Route // route, request_route
	Reply           *Route // onreply_route, reply_route
	Send            *Route // onsend_route
	Failure, Branch *Route // unnamed ones

	index map[routeKey]*Route
}

type routeKey struct {
	kind RouteKind
	name string
}

// Route finds a block by kind and name ("0" for unnamed ones), or nil.
func (p *Program) Route(k RouteKind, name string) *Route { return p.index[routeKey{k, name}] }

// Where formats a position as file:line:col.
func (p *Program) Where(s syntax.Span) string { return p.Files.Where(s) }

// ParamValue is one assignment of a core parameter. Its type has been checked
// against the table of package param.
type ParamValue struct {
	Name  string // as the table spells it
	Int   int64
	Str   string
	IsStr bool
	Pos   syntax.Span
}

// Module is one loadmodule.
type Module struct {
	Name string // canonical
	Path string // as written
	Pos  syntax.Span
}

// ModParam is one modparam for one matching module, in file order.
type ModParam struct {
	Module, Name string
	Info         ParamInfo
	Int          int32
	Str          string
	IsStr        bool
	Re           *ere.Regexp // if Info.Regex
	Pos          syntax.Span // of the statement
	ValuePos     syntax.Span
}

// CustomVar is group.name = value or group[N].name = value.
type CustomVar struct {
	Group, Name string
	Instance    int32 // -1: none
	Int         int32
	Str         string
	IsStr       bool
	Desc        string
	Pos         syntax.Span
}

// StmtInfo tells about one statement: its counter slot is its index.
type StmtInfo struct {
	Pos   syntax.Span
	Route *Route
	Kind  StmtKind
	Text  string // the function's name, for calls
}

// RouteKind is the kind of a routing block.
type RouteKind uint8

const (
	RequestRoute RouteKind = iota
	FailureRoute
	BranchRoute
	ReplyRoute
	SendRoute
	EventRoute
)

// Route is one routing block. Unnamed ones are called "0". Bodies of repeated
// unnamed blocks are concatenated.
type Route struct {
	Kind  RouteKind
	Name  string
	Index int // in Program.Routes
	Body  Block
	Pos   syntax.Span
	Used  bool // something names it: route(X), t_on_failure("X"), ...
}

// Block is a sequence of statements.
type Block []*Stmt

// StmtKind says what a statement does.
type StmtKind uint8

const (
	StmtNop    StmtKind = iota
	StmtExpr            // run X; calls leave their raw result
	StmtAssign          // Target = X
	StmtIf              // if X Then else Else
	StmtWhile           // while X Then
	StmtSwitch          // switch X Switch
	StmtBreak
	StmtReturn // return X (nil: 1)
	StmtExit   // exit X (nil: 1)
	StmtDrop   // drop X (nil: 0)
	StmtBlock  // { Then }
)

// Stmt is one statement.
type Stmt struct {
	Kind   StmtKind
	ID     int32 // index of its StmtInfo and counter slot
	Pos    syntax.Span
	Last   int32 // line in which it ends
	X      *Expr
	Target *Var
	Then   Block
	Else   Block
	Switch *Switch
}

// Switch is the body of a switch. Bodies fall through in order, so a case runs
// Cases[i:] until something breaks. Default is an index into Cases or -1.
// Labels are tried in order; for int switches Ints maps value to case.
type Switch struct {
	Str     bool // labels are strings or regular expressions: X is taken as a string
	Cases   []Case
	Default int
	Ints    map[int32]int
}

// Case is one label and the statements up to the next label.
type Case struct {
	Default bool
	Int     int32
	Str     string
	Re      *ere.Regexp // case /"re":, case-sensitive
	Body    Block
	Pos     syntax.Span
}

// Type is a static type.
type Type uint8

const (
	TypeAny Type = iota // int, str or undef, known only at run time
	TypeInt
	TypeStr
)

// Op says what an expression node computes.
type Op uint8

const (
	OpInt    Op = iota // constant Int
	OpStr              // constant Str
	OpVar              // Var
	OpSelect           // Select
	OpCall             // Call, result 1 or 0 (raw code when Raw)
	OpRoute            // route(NAME): Route, or computed name X; 1 or 0 (raw code when Raw)
	OpBlock            // { statements } as operand: 1 if its value is > 0
	OpAssign           // (Var = X)

	OpOr     // X || Y, short-circuit
	OpAnd    // X && Y
	OpBitOr  // X | Y
	OpBitAnd // X & Y
	OpXor    // X ^ Y
	OpShl    // X << Y
	OpShr    // X >> Y, arithmetic; both shifts take Y modulo 32
	OpEq     // X == Y: right converted to the type of left
	OpNe     // X != Y
	OpIntEq  // ieq
	OpIntNe  // ine
	OpStrEq  // eq
	OpStrNe  // ne
	OpMatch  // X =~ Re, or X =~ Y when Re is nil; ignoring case
	OpLt
	OpGt
	OpLe
	OpGe
	OpAdd // type of the left operand decides
	OpIntAdd
	OpConcat
	OpSub
	OpMul
	OpDiv
	OpMod

	OpNot
	OpNeg
	OpBitNot
	OpDefined
	OpToInt
	OpToStr
	OpStrlen
	OpStrempty

	OpKeyInt   // keyword of type int (Key) as a number
	OpKeyStr   // keyword of type string
	OpKeyStrEq // string keyword == Y, ignoring ASCII case; undef Y: false
	OpKeyStrNe // string keyword != Y; undef Y: true
	OpKeyMatch // string keyword =~ Re or Y
	OpMyself   // Key == myself (uri-like or ip keyword)
	OpNet      // ip keyword in Net
	OpIPStr    // ip keyword == Y: net text, else a name to resolve; Str set when constant
	OpIPMatch  // ip keyword =~ Re (constant) or Y
)

// Keyword is a property of the message or of the socket it came by.
type Keyword uint8

const (
	KeyNone Keyword = iota
	KeyMethod
	KeyURI // also status
	KeyFromURI
	KeyToURI
	KeySrcIP
	KeyDstIP
	KeySrcPort
	KeyDstPort
	KeyAF
	KeyProto
	KeyMsgLen
	KeySndIP
	KeyToIP
	KeySndPort
	KeyToPort
	KeySndAF
	KeySndProto
)

// Expr is an expression node. Which fields are set follows from Op.
type Expr struct {
	Op     Op
	Type   Type
	Key    Keyword
	Raw    bool // call assigned directly: the raw code
	Negate bool // OpMyself, OpNet, OpIPStr, OpIPMatch, OpMatch, OpKeyMatch: != or !~
	Int    int32
	Str    string
	X, Y   *Expr
	Var    *Var
	Select *Select
	Call   *Call
	Route  *Route
	Block  Block
	Re     *ere.Regexp
	Net    netip.Prefix
	// Wrong is set where nothing is known of the expression: the error has been
	// reported. What is known of a call of a function that is not there stands in it.
	Wrong *Call
	Pos   syntax.Span
}

// Call is a resolved function call.
type Call struct {
	Func FuncInfo
	Name string // as written
	Args []Arg
	Pos  syntax.Span
}

// Arg is one argument, typed as the function's ArgSpec says.
type Arg struct {
	Kind    ArgKind
	Int     int32
	Str     string // constant text; always set for constants
	Const   bool   // the value is known: Int/Str; else X or Parts
	X       *Expr
	Parts   []Part // ArgFormat, ArgRegexFormat with variables
	Re      *ere.Regexp
	Var     *Var
	Addr    Addr   // ArgSocket, ArgHost
	FromURI bool   // uri:host, uri:port
	Route   *Route // nil if missing (a warning said so) or computed
	Pos     syntax.Span
}

// Part is a piece of a format string: text, or a variable if Var is not nil.
type Part struct {
	Text string
	Var  *Var
}

// Var is a resolved variable.
type Var struct {
	Name     string
	Inner    string // text in the parentheses
	HasInner bool
	Parts    []Part // the inner text cut up, if it holds variables
	Index    IndexKind
	IndexN   int32
	IndexVar *Var
	Trans    []Trans
	Attr     bool // a SER attribute; Scope and Name say which
	Scope    string
	Reset    bool // attr[] on the left: replaces all values
	Info     VarInfo
	Pos      syntax.Span
	Site     Site
}

// Site is where in the configuration something stands, for those who tell the
// script's author or the script itself.
type Site struct {
	File  string
	Line  int32
	Route *Route // nil outside of routes
	files *syntax.FileSet
}

// Define is what #!define gave a name last.
func (s *Site) Define(name string) (body string, ok bool) {
	if s == nil || s.files == nil {
		return "", false
	}
	for i := len(s.files.Defines) - 1; i >= 0; i-- {
		if d := &s.files.Defines[i]; d.Name == name {
			return d.Body, true
		}
	}
	return "", false
}

// SiteOf is the place of what stands at s in a route.
func (p *Program) SiteOf(s syntax.Span, r *Route) Site {
	return Site{File: p.Files.Name(s), Line: s.Line, Route: r, files: p.Files}
}

// IndexKind tells $(x[...]) forms apart.
type IndexKind uint8

const (
	IndexNone IndexKind = iota
	IndexInt            // [n]
	IndexAll            // [*]
	IndexVar            // [$var(i)]
)

// Trans is one {class.name,args}.
type Trans struct {
	Class, Name string
	Args        []TransArg
	Info        TransInfo
}

// TransArg is one argument of a transformation: text or a variable.
type TransArg struct {
	Text string
	Var  *Var
}

// Select is a resolved @a.b["x"].
type Select struct {
	Text  string
	Parts []SelectPart
	Info  SelectInfo
	Pos   syntax.Span
}

// Addr is an address as listen, alias, forward and force_send_socket take it.
type Addr struct {
	Proto     Proto      // ProtoAny: not given or *
	Host      string     // as written, without brackets
	IP        netip.Addr // valid if Host is a literal
	Hosts     []string   // (id, id): all of them, Host is the first
	Port      int32      // 0: not given or *
	Advertise *Addr      // listen ... advertise host:port
	Name      string     // listen ... name "x"
	Virtual   bool       // listen ... virtual: the address may come and go
	Workers   int32      // socket_workers before this listen; 0: children
	Pos       syntax.Span
}

// Proto is a transport, numbered as scripts see it.
type Proto uint8

const (
	ProtoAny Proto = iota
	ProtoUDP
	ProtoTCP
	ProtoTLS
	ProtoSCTP
)
