package syntax

// Mode is a compatibility mode (#!SER, #!KAMAILIO, ...). It decides what $x and
// $f.x mean: an attribute or a pseudo-variable.
type Mode uint8

const (
	ModeMaxCompat Mode = iota
	ModeSER
	ModeKamailio
)

// Tree is a parsed configuration: top-level items in source order.
type Tree struct {
	Files *FileSet
	Items []Item
}

// Item is a top-level statement: *ParamItem, *AddrItem, *FlagsItem,
// *LoadModule, *LoadPath, *ModParam, *CustomVar or *RouteItem.
type Item interface{ Span() Span }

// Text is a word, string or number with its place.
type Text struct {
	Kind ValueKind
	Str  string
	Int  int32
	At   Span
}

// ValueKind tells the kinds of Text apart.
type ValueKind uint8

const (
	ValID  ValueKind = iota // bare word
	ValStr                  // quoted
	ValInt
	ValOther // an address or other bare text; Str has it
)

// ParamItem is name = value.
type ParamItem struct {
	Name  Text
	Value Text
	Neg   bool // the number had a minus sign
}

// AddrItem is listen = ... or alias = ....
type AddrItem struct {
	Name  Text
	Addrs []*Addr
}

// Addr is [proto:]id[:port], or (id, id, ...)[:port].
type Addr struct {
	Proto     string // lower case, "" or "*"
	IDs       []Text
	Port      int32 // -1: none given; 0: *
	Advertise *Addr
	Name      string
	Virtual   bool
	At        Span
}

// FlagsItem is flags a, b:3 or avpflags x.
type FlagsItem struct {
	AVP   bool
	Names []FlagDecl
	At    Span
}

// FlagDecl is one flag; Pos is -1 if none was given.
type FlagDecl struct {
	Name Text
	Pos  int32
}

// LoadModule is loadmodule "path".
type LoadModule struct {
	Path Text
	At   Span
}

// LoadPath is loadpath "dir:dir".
type LoadPath struct {
	Path Text
	At   Span
}

// ModParam is modparam("re", "name", value).
type ModParam struct {
	Module, Name, Value Text
	At                  Span
}

// CustomVar is group.name = value desc "text".
type CustomVar struct {
	Group, Name Text
	Instance    int32 // -1: none
	Value       Text
	Desc        string
	At          Span
}

// RouteItem is a routing block.
type RouteItem struct {
	Keyword string // as written: route, request_route, onreply_route, ...
	Name    string // "0" if unnamed
	NameAt  Span
	Body    *Block
	At      Span // keyword and name
}

func (n *ParamItem) Span() Span  { return n.Name.At }
func (n *AddrItem) Span() Span   { return n.Name.At }
func (n *FlagsItem) Span() Span  { return n.At }
func (n *LoadModule) Span() Span { return n.At }
func (n *LoadPath) Span() Span   { return n.At }
func (n *ModParam) Span() Span   { return n.At }
func (n *CustomVar) Span() Span  { return n.At }
func (n *RouteItem) Span() Span  { return n.At }

// Block is { statements }.
type Block struct {
	Stmts []*Stmt
	At    Span
}

// StmtKind says what a statement is.
type StmtKind uint8

const (
	Nop      StmtKind = iota // ;
	ExprStmt                 // X, usually a call
	Assign                   // Left = X
	If                       // if X Then else Else
	While                    // while X Then
	Switch                   // switch X Cases
	Break
	Return
	Exit
	Drop
	BlockStmt // { Then }
)

// Stmt is one statement.
type Stmt struct {
	Kind  StmtKind
	Mode  Mode
	X     *Expr // nil if there is none
	Left  *Expr
	Then  *Block
	Else  *Block
	Cases []*Case
	At    Span
}

// Case is one label of a switch. X is nil for default.
type Case struct {
	X     *Expr
	Regex bool // case /"re":
	Body  *Block
	At    Span
}

// ExprKind says what an expression is.
type ExprKind uint8

const (
	Number    ExprKind = iota
	String             // Str
	Variable           // Var
	Attribute          // Var with Attr set
	SelectEx           // Sel
	CallEx             // Str(Args)
	KeywordEx          // Str: method, uri, src_ip, ...
	Myself
	ProtoEx  // UDP, TCP, TLS, SCTP: Str lower case, Int its number
	NetEx    // Str: an IP literal, with /len or /mask if given
	NameEx   // Str: a bare identifier or host name
	AddrEx   // Addr: bare socket argument
	URIPart  // uri:host or uri:port: Str
	Unary    // Op X
	Binary   // X Op Y
	AssignEx // (X = Y)
	BlockEx  // { statements }
	Wrong    // did not parse, which has been reported
)

// Expr is an expression node.
type Expr struct {
	Kind  ExprKind
	Op    string // canonical operator: || && | & ^ << >> == != =~ !~ ieq ine eq ne < > <= >= + - * / mod ! ~ defined int str strlen strempty
	OpAt  Span
	Int   int32
	Str   string
	X, Y  *Expr
	Args  []*Expr
	Var   *VarRef
	Sel   *SelectRef
	Addr  *Addr
	Block *Block
	Paren bool // written in parentheses
	Mode  Mode
	At    Span
}

// VarRef is a $ token taken apart.
type VarRef struct {
	Name     string
	Inner    string // raw text between the parentheses after the name
	HasInner bool
	Paren    bool   // $(...)
	Index    string // raw text in [ ], "" if none
	HasIndex bool
	IndexVar *VarRef
	Trans    []TransRef
	Scope    string // $f.x: "f"; attribute candidates only
	Reset    bool   // attr[] on the left of =
	At       Span
}

// TransRef is one {class.name,arg,...}.
type TransRef struct {
	Class, Name string
	Args        []FormatPart
}

// FormatPart is a piece of a string with variables: text, or Var.
type FormatPart struct {
	Text string
	Var  *VarRef
}

// SelectRef is @a.b["x"][1].
type SelectRef struct {
	Text  string // as written
	Parts []SelectStep
	At    Span
}

// SelectStep is .name, ["str"] or [n].
type SelectStep struct {
	Name  string
	Int   int32
	IsInt bool
	IsArg bool
}
