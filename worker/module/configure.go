package module

import (
	"errors"
	"fmt"

	"goser/cfg/check"
	"goser/shm"
)

// Loaded lists the modules of a program in load order, the core first.
func Loaded(p *check.Program) []*Module {
	var ms []*Module
	if m := registry[Core]; m != nil {
		ms = append(ms, m)
	}
	for _, l := range p.Modules {
		if m := registry[l.Name]; m != nil && l.Name != Core {
			ms = append(ms, m)
		}
	}
	return ms
}

// Configure hands the modparams of a program to their modules, in file order.
// The error joins all that are refused, each a *check.Problem.
func Configure(p *check.Program) error {
	Use(p)
	var errs []error
	for i := range p.ModParams {
		mp := &p.ModParams[i]
		param, ok := mp.Info.Ref.(*Param)
		if !ok {
			errs = append(errs, p.Problemf(mp.Pos, "modparam %s.%s: no module offers it", mp.Module, mp.Name))
		} else if err := param.assign(mp); err != nil {
			errs = append(errs, p.Problemf(mp.ValuePos, "modparam(%q, %q): %w", mp.Module, mp.Name, err))
		}
	}
	return errors.Join(errs...)
}

func (p *Param) assign(mp *check.ModParam) error {
	switch {
	case p.Int != nil:
		if mp.IsStr {
			return fmt.Errorf("a number is needed, not the text %q", mp.Str)
		}
		*p.Int = mp.Int
	case p.Str != nil:
		if !mp.IsStr {
			return fmt.Errorf("a string is needed, not the number %d", mp.Int)
		}
		*p.Str = mp.Str
	case mp.IsStr:
		return p.Set(StrValue(mp.Str))
	default:
		return p.Set(IntValue(mp.Int))
	}
	return nil
}

// Declare makes the counters of the loaded modules known: declare returns the
// number of a counter.
func Declare(p *check.Program, declare func(name, help string) (Counter, error)) error {
	for _, m := range Loaded(p) {
		for _, d := range m.Counters {
			id, err := declare(d.Name, d.Help)
			if err != nil {
				return fmt.Errorf("module %s: counter %s: %w", m.Name, d.Name, err)
			}
			*d.ID = id
		}
	}
	return nil
}

// MakeRoots makes or finds the arena structures of the loaded modules.
func MakeRoots(prog *check.Program, p *shm.Proc) error {
	for _, m := range Loaded(prog) {
		if m.Roots == nil {
			continue
		}
		if err := m.Roots(p); err != nil {
			return fmt.Errorf("module %s: %w", m.Name, err)
		}
	}
	return nil
}

// Start starts the loaded modules in load order. Parameters are set before.
func Start(p *check.Program, e Env) error {
	for _, m := range Loaded(p) {
		if m.Start == nil {
			continue
		}
		if err := m.Start(e); err != nil {
			return fmt.Errorf("module %s: %w", m.Name, err)
		}
	}
	return nil
}

// Hooks are the functions of the loaded modules that see every message.
type Hooks struct {
	OnRequest    []func(c *Ctx) bool
	OnReply      []func(c *Ctx) bool
	AfterRequest []func(c *Ctx)
}

// HooksOf collects the hooks in load order.
func HooksOf(p *check.Program) Hooks {
	var h Hooks
	for _, m := range Loaded(p) {
		if m.OnRequest != nil {
			h.OnRequest = append(h.OnRequest, m.OnRequest)
		}
		if m.OnReply != nil {
			h.OnReply = append(h.OnReply, m.OnReply)
		}
		if m.AfterRequest != nil {
			h.AfterRequest = append(h.AfterRequest, m.AfterRequest)
		}
	}
	return h
}

// Within makes a Param.Set for a number from low to high.
func Within(name string, to *int32, low, high int32) func(v Value) error {
	return func(v Value) error {
		n := v.AsInt()
		if n < low || n > high {
			return fmt.Errorf("%s is %d: expected %d to %d", name, n, low, high)
		}
		*to = n
		return nil
	}
}

// Switch makes a Param.Set for what any number but 0 switches on.
func Switch(to *int32) func(v Value) error {
	return func(v Value) error {
		*to = 0
		if v.AsInt() != 0 {
			*to = 1
		}
		return nil
	}
}
