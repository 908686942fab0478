package check

// Catalog is all that the language knows of modules, functions and variables.
// The server's module registry implements it; a linter may bring its own. The
// core's own functions come through it as module "core".
//
// Everything a Catalog returns in a Ref travels untouched into the Program.
type Catalog interface {
	// Module finds the module a loadmodule path means; the base name decides:
	// "/usr/lib/ser/modules/x.so", "x", "x.so" and "modules/x/x.so" are all x.
	Module(path string) (name string, ok bool)

	// Elsewhere tells whether the original has a module that this server has not.
	Elsewhere(name string) bool

	// Param describes a parameter of a module.
	Param(module, name string) (ParamInfo, bool)

	// Func finds a function by name and number of arguments. Aliases (seth,
	// sethost) resolve here.
	Func(name string, nargs int, loaded Loaded) (FuncInfo, FuncStatus)

	// Var finds a pseudo-variable: $name or $name(inner). hasInner tells $x()
	// from $x. The error says what is wrong; an *UnknownName gets a suggestion.
	Var(name, inner string, hasInner bool, loaded Loaded) (VarInfo, error)

	// Attr finds a SER attribute: $f.x, $tu.x, $g.x, $x[1], %x. Scope is the
	// part before the dot ("f", "t", "fu", ... "g") or "".
	Attr(scope, name string) (VarInfo, error)

	// Select finds @a.b["x"][1].
	Select(parts []SelectPart, loaded Loaded) (SelectInfo, error)

	// Transformation finds {class.name,arg,...}.
	Transformation(class, name string, nargs int, loaded Loaded) (TransInfo, error)

	// Event finds who raises an event, "module:event".
	Event(name string) EventInfo

	// Names lists what exists of a kind, for "did you mean".
	Names(kind NameKind, module string) []string
}

// Loaded is the set of modules loaded so far, and of those that should have been
// and do not exist.
type Loaded map[string]bool

// NameKind selects what Catalog.Names lists.
type NameKind uint8

const (
	ModuleNames NameKind = iota
	FuncNames
	VarNames
	ParamNames // of one module
	TransNames // "class.name"
	SelectNames
	EventNames
)

// UnknownName is the error for a name that does not exist at all. Module names
// the module that has it, when that is only not loaded.
type UnknownName struct {
	Name   string
	Module string
}

func (e *UnknownName) Error() string {
	if e.Module != "" {
		return e.Name + " belongs to module " + e.Module + ", which is not loaded"
	}
	return "unknown name " + e.Name
}

// ParamKind is the type of a module parameter.
type ParamKind uint8

const (
	ParamInt ParamKind = 1 << iota
	ParamStr
	ParamFunc // a setter, called for each modparam in file order; ORed with the types it takes
)

// ParamInfo describes one module parameter.
type ParamInfo struct {
	Kind  ParamKind
	Regex bool // the value is a POSIX regular expression, compiled at start
	Ref   any
}

// FuncStatus says why a function cannot be called.
type FuncStatus uint8

const (
	FuncOK          FuncStatus = iota
	FuncUnknown                // no module has it
	FuncNotLoaded              // FuncInfo.Module has it but is not loaded
	FuncWrongArity             // exists with other numbers of arguments: FuncInfo.Min, Max
	FuncUnsupported            // known to the original, not offered here: FuncInfo.Note says why
)

// RouteMask is a set of route kinds.
type RouteMask uint16

const (
	OnRequest RouteMask = 1 << iota
	OnFailure
	OnBranch
	OnReply     // tm's named onreply_route
	OnCoreReply // the unnamed onreply_route
	OnSend
	OnEvent
	OnError
	OnBranchFailure
	AnyRoute = OnRequest | OnFailure | OnBranch | OnReply | OnCoreReply | OnSend | OnEvent | OnError | OnBranchFailure
)

// ArgKind tells how an argument is read, checked and handed over.
type ArgKind uint8

const (
	ArgExpr        ArgKind = iota // any expression, evaluated at each call
	ArgInt                        // constant number, or quoted number
	ArgIntVar                     // number, quoted number, or an expression/variable with one
	ArgStr                        // constant string
	ArgStrVar                     // constant string, taken as it stands, or an expression
	ArgFormat                     // string with variables, or an expression
	ArgRegex                      // constant POSIX ERE
	ArgRegexFormat                // POSIX ERE; one that holds variables is compiled at each call
	ArgFlag                       // 0..31 or a declared flag
	ArgFlagVar                    // the same, or an expression/variable with a number
	ArgAVPFlag                    // a declared AVP flag
	ArgVar                        // a variable ($x or "$x")
	ArgWritable                   // a variable that can be assigned
	ArgSocket                     // [proto:]id[:port] as in listen, bare or quoted
	ArgHost                       // host, "host", ip or uri:host
	ArgPort                       // number or uri:port
	ArgProto                      // UDP, TCP, TLS, SCTP
	ArgRoute                      // name of a request route
	ArgFailureRoute
	ArgBranchRoute
	ArgReplyRoute
	ArgEventRoute
	ArgAVP // $avp, attribute or "name"
)

// ArgSpec is one declared argument. Min..Max bounds constant numbers when Max
// is not less than Min and not both are 0.
type ArgSpec struct {
	Kind     ArgKind
	Min, Max int32
	// Check, if set, refuses a constant value at start.
	Check func(value string) error
}

// FuncInfo describes a function with the arity that was asked for.
type FuncInfo struct {
	Module   string
	Name     string // canonical: seth is rewritehost
	Args     []ArgSpec
	Routes   RouteMask
	Min, Max int  // arity, for messages
	Waits    bool // it may wait for something outside of the server
	Note     string
	Ref      any
}

// InnerKind says what may stand in the parentheses of $name(...).
type InnerKind uint8

const (
	InnerNone   InnerKind = iota
	InnerText             // plain text, kept as it is
	InnerFormat           // text that may hold variables
	InnerVar              // exactly one variable: $T_req($ru)
)

// VarInfo describes a variable.
type VarInfo struct {
	Type     Type // what it yields: TypeInt, TypeStr or TypeAny
	Writable bool
	Inner    InnerKind
	Indexed  bool // $(name[1]) makes sense
	Ref      any
}

// SelectPart is one step of a select: .name or ["str"] or [int].
type SelectPart struct {
	Name  string
	Int   int32
	IsInt bool // [n]
	IsArg bool // ["str"] or [n]
}

// SelectInfo describes a select.
type SelectInfo struct{ Ref any }

// TransInfo describes a transformation.
type TransInfo struct {
	Type Type
	Ref  any
}
