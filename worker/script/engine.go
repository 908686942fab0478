package script

import (
	"errors"
	"fmt"

	"goser/cfg/check"
	"goser/cfg/ere"
	"goser/worker/module"
)

// Options are what the engine needs to know besides the program.
type Options struct {
	// Counts holds a counter for each statement, by its ID; nil makes one in
	// private memory. The worker gives a piece of its row in the arena.
	Counts []uint64
	// MaxWhileLoops is the core parameter of that name; 0 means its default.
	MaxWhileLoops int
	// MaxSteps bounds the statements that one message may run, so that loops in
	// loops and routes that call themselves twice end; 0 means 200,000.
	MaxSteps int32
	// Env, if set, is the process that will run the program: sockets that
	// functions name are looked up in New, and one that is missing is an error.
	// Without it they are looked up when the function is called.
	Env module.Env
	// FormatMax is pv_buffer_size; 0 means its default.
	FormatMax int
	// MaxNesting is max_recursive_level; 0 means its default.
	MaxNesting int
	// Latency says what is told about statements and messages that take long.
	Latency Latency
}

const (
	defaultMaxWhileLoops = 100
	defaultMaxNesting    = 256
	defaultMaxSteps      = 200_000
)

// Engine is a compiled program. One message of a worker runs at a time; those
// that wait have left the engine to the others.
type Engine struct {
	prog   *check.Program
	opts   Options
	counts []uint64
	routes map[*check.Route]*block
	free   []*frame
	limit  limiter
	cache  ere.Cache      // of regular expressions that the script computes
	prefix *module.Format // log_prefix
}

var _ module.Runner = (*Engine)(nil)

// New compiles a program. Everything that can be wrong in it has been found by
// package check, except what only a function's own preparation (Func.Fixup)
// finds: the error joins all of that, each a *check.Problem. A program that
// package check found wrong may be given, too: then the error is not nil.
func New(p *check.Program, opts Options) (*Engine, error) {
	module.Use(p)
	e := &Engine{
		prog: p, opts: opts, counts: opts.Counts, routes: map[*check.Route]*block{},
	}
	if e.opts.MaxWhileLoops <= 0 {
		e.opts.MaxWhileLoops = defaultMaxWhileLoops
	}
	if e.opts.MaxSteps <= 0 {
		e.opts.MaxSteps = defaultMaxSteps
	}
	if e.opts.MaxNesting <= 0 {
		e.opts.MaxNesting = defaultMaxNesting
	}
	if n := max(len(p.Statements), 1); e.counts == nil {
		e.counts = make([]uint64, n)
	} else if len(e.counts) < n {
		return nil, fmt.Errorf("script: %d counters for %d statements", len(e.counts), n)
	}
	// All blocks first: routes call each other in any order.
	for _, r := range p.Routes {
		e.routes[r] = &block{pos: r.Pos}
	}
	var errs []error
	for _, r := range p.Routes {
		k := &compiler{e: e, p: p, route: r}
		*e.routes[r] = *k.block(r.Body, r.Pos)
		errs = append(errs, k.errs...)
	}
	if len(p.LogPrefix) > 0 {
		prefix, err := module.BindFormat(p.LogPrefix)
		if err != nil {
			errs = append(errs, fmt.Errorf("log_prefix: %w", err))
		}
		e.prefix = prefix
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return e, nil
}

// Counts are the statements' counters, by statement ID.
func (e *Engine) Counts() []uint64 { return e.counts }

// HasPrefix tells whether lines of the log have a prefix, and Prefix what it is for a message.
func (e *Engine) HasPrefix() bool { return e.prefix != nil }

// Prefix is what log_prefix makes of a message.
func (e *Engine) Prefix(c *module.Ctx) string {
	c.FormatMax = e.opts.FormatMax
	s, _ := e.prefix.Text(c)
	return s
}

// Request runs the main route.
func (e *Engine) Request(c *module.Ctx) {
	if r := e.prog.Main; r != nil {
		e.top(c, check.RequestRoute, e.routes[r])
	}
}

// Reply runs the main onreply_route; false means that it dropped the reply, be it by returning nothing above 0.
func (e *Engine) Reply(c *module.Ctx) bool {
	if e.prog.Reply == nil {
		c.Runner, c.FormatMax = e, e.opts.FormatMax // modules have routes of their own
		return true
	}
	value, dropped := e.top(c, check.ReplyRoute, e.routes[e.prog.Reply])
	return !dropped && value > 0
}

// Send runs the onsend_route for the message in c.Sent; false means that it
// must not leave: drop with the value 0, which is the default.
func (e *Engine) Send(c *module.Ctx) bool {
	if e.prog.Send == nil {
		return true
	}
	rc := c.RC
	value, dropped := e.top(c, check.SendRoute, e.routes[e.prog.Send])
	c.RC = rc // forward() is a core action, and those leave $rc alone
	return !dropped || value != 0
}

// Call runs a named block as a top-level one and returns its value; 1 if there
// is none.
func (e *Engine) Call(c *module.Ctx, kind check.RouteKind, name string) int {
	r := e.prog.Route(kind, name)
	if r == nil {
		return 1
	}
	value, _ := e.top(c, kind, e.routes[r])
	return int(value)
}

// Find implements module.Blocks.
func (e *Engine) Find(kind check.RouteKind, name string) int {
	if r := e.prog.Route(kind, name); r != nil {
		return r.Index
	}
	return -1
}

// Block implements module.Blocks.
func (e *Engine) Block(n int) (check.RouteKind, string) {
	if n < 0 || n >= len(e.prog.Routes) {
		return 0, ""
	}
	return e.prog.Routes[n].Kind, e.prog.Routes[n].Name
}

// Run implements module.Blocks.
func (e *Engine) Run(c *module.Ctx, n int) (int, bool) {
	if n < 0 || n >= len(e.prog.Routes) {
		return 1, false
	}
	r := e.prog.Routes[n]
	value, dropped := e.top(c, r.Kind, e.routes[r])
	return int(value), dropped
}

// RunAs is Run in the place of a block of another kind.
func (e *Engine) RunAs(c *module.Ctx, n int, kind check.RouteKind) (int, bool) {
	if n < 0 || n >= len(e.prog.Routes) {
		return 1, false
	}
	value, dropped := e.top(c, kind, e.routes[e.prog.Routes[n]])
	return int(value), dropped
}

// Has tells whether a block exists, so that modules can save the work of
// raising an event nobody handles.
func (e *Engine) Has(kind check.RouteKind, name string) bool { return e.prog.Route(kind, name) != nil }
