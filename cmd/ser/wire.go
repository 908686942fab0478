package main

import (
	"errors"

	"goser/cfg"
	"goser/shm"
	"goser/worker"
	"goser/worker/module"
	_ "goser/worker/module/all" // every module that is built in
	"goser/worker/script"
)

// catalog is what a configuration may use.
func catalog() cfg.Catalog { return module.NewCatalog() }

// work is what a worker does; tests put misbehaving ones in its place.
var work = worker.Main

// roots makes what the loaded modules keep in the arena.
func roots(prog *cfg.Program) func(*shm.Proc) error {
	return func(p *shm.Proc) error { return module.MakeRoots(prog, p) }
}

// compile finds what only the modules and the engine can find wrong with a
// program: refused parameters, arguments that a function cannot prepare.
func compile(p *cfg.Program) error {
	refused := module.Configure(p)
	_, err := script.New(p, script.Options{})
	return errors.Join(refused, err)
}
