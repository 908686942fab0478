// Package module is the contract between the server and its modules: what a
// module declares (functions, parameters, variables, RPC commands, counters)
// and what it is handed (Ctx, the message; Env, the worker).
//
// A module is a folder below this one. Its module.go registers one Module in
// init; package all lists the modules that are built in. Every process is the
// same binary and loads the same configuration, so ids agree everywhere.
package module

import (
	"errors"
	"fmt"
	"sort"

	"goser/cfg/check"
	"goser/shm"
)

// Module is everything that the server knows about a module.
type Module struct {
	Name    string
	Aliases []string // old names that a loadmodule may use
	Doc     string   // the README
	Params  []Param
	Funcs   []Func
	Vars    []Var
	Trans   []Trans
	Selects []Select
	RPC     []RPC
	Events  []Event

	// Core names core functions that the original has in this module: with it
	// loaded they behave like its functions, which set $rc.
	Core []string

	// Counters are "group.name" with a help text.
	Counters []CounterDecl

	// Roots makes or finds the arena structures of the module. The supervisor
	// calls it once before any worker starts, each worker once after.
	Roots func(p *shm.Proc) error

	// Start is called once per process, after parameters are set.
	Start func(e Env) error

	// OnRequest runs before the main route for each request; false ends the
	// handling of the message. OnReply likewise, after onreply_route.
	OnRequest func(c *Ctx) bool
	OnReply   func(c *Ctx) bool
	// AfterRequest runs when the main route has ended, however it did.
	AfterRequest func(c *Ctx)
}

// CounterDecl declares a counter; ID is filled in at start and used with
// Env.Count.
type CounterDecl struct {
	Name, Help string
	ID         *Counter
}

// Param is one module parameter.
type Param struct {
	Name    string
	Aliases []string
	Kind    check.ParamKind
	Regex   bool
	Help    string

	// Exactly one of these receives the value, before Start. For Set the
	// error is reported with the place of the modparam.
	Int *int32
	Str *string
	Set func(v Value) error
}

// Func is one script function.
type Func struct {
	Name    string
	Aliases []string
	In      check.RouteMask
	Args    []check.ArgSpec
	// MinArgs arguments are required, the rest is optional; -1 means all.
	MinArgs int
	// Fixup prepares a call once, at start: its result is Args.Fixed.
	Fixup func(a []check.Arg) (any, error)
	// When, if set, is asked before the arguments are evaluated; fixed is what
	// Fixup returned. False skips the call, which then yields 1: xlog asks
	// whether its level is logged at all.
	When func(c *Ctx, fixed any) bool
	Do   func(c *Ctx, a *Args) int
	// Resolve, if set, completes what Fixup made in the process that will run
	// the call: sockets are open now.
	Resolve func(e Env, fixed any) error
	// Waits marks a function that may call Env.Wait.
	Waits bool
	// Missing, if set, says why a function that scripts know cannot be had
	// yet: calling it is an error at start.
	Missing string
	Help    string
}

// ArgError is what a Fixup returns for one argument, counted from 0: the message
// then points at it.
type ArgError struct {
	Arg int
	Err error
}

func (e *ArgError) Error() string { return fmt.Sprintf("argument %d: %v", e.Arg+1, e.Err) }

func (e *ArgError) Unwrap() error { return e.Err }

// AllArgs is for Func.MinArgs.
const AllArgs = -1

// Var is one pseudo-variable. Bind is called for each place where the script
// uses it; inner is the text in the parentheses. Where that text holds
// variables (InnerFormat), Prepare is not called: Ref.Fixed is nil and the text
// comes in Ref.Inner at run time. For InnerVar Ref.Fixed is the *VarUse.
type Var struct {
	Name     string
	Aliases  []string
	Type     check.Type
	Inner    check.InnerKind
	Optional bool // the parentheses may be left out
	Indexed  bool
	Names    []string // what may stand in the parentheses, nil: anything
	Get      func(c *Ctx, r *Ref) Value
	Set      func(c *Ctx, r *Ref, v Value) error // nil: read only
	// Prepare is called once for each place: its result is Ref.Fixed.
	Prepare func(inner string) (any, error)
	Help    string
}

// ErrNumber is what a variable that holds text says to a number. The number of a variable is assigned as text then.
var ErrNumber = errors.New("a number is no text: write \"\" + the number")

// Ref is one use of a variable.
type Ref struct {
	Inner string // text in the parentheses, variables expanded
	Index int
	All   bool // index [*]
	Has   bool // an index was given
	Fixed any
	Site  *check.Site // where the variable stands
}

// Trans is one transformation: Class "s", Name "len".
type Trans struct {
	Class, Name      string
	MinArgs, MaxArgs int
	Numbers          uint8 // bit n: argument n must be a number; a variable that holds a text makes the result undefined (as an empty one does everywhere)
	Blanks           uint8 // bit n: blanks before argument n belong to it; otherwise they are left out
	Type             check.Type
	Do               func(c *Ctx, in Value, args []Value) Value
	Help             string
}

// Select is one select: Prepare binds the parts after the root.
type Select struct {
	Root    string
	Aliases []string
	Prepare func(parts []check.SelectPart) (func(c *Ctx) Value, error)
	Help    string
}

// RPC is one control command.
type RPC struct {
	Name string
	Help string
	Do   func(args []Value) ([]Value, error)
}

var registry = map[string]*Module{}

// Register adds a module. Two modules of one name are a programming error.
func Register(m *Module) {
	if registry[m.Name] != nil {
		panic(fmt.Sprintf("module: %s registered twice", m.Name))
	}
	registry[m.Name] = m
}

// Lookup finds a module by its name, nil if there is none.
func Lookup(name string) *Module { return registry[name] }

// All lists the modules by name.
func All() []*Module {
	ms := make([]*Module, 0, len(registry))
	for _, m := range registry {
		ms = append(ms, m)
	}
	sort.Slice(ms, func(i, k int) bool { return ms[i].Name < ms[k].Name })
	return ms
}
