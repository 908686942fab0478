package main

import (
	"goser/cfg"
	"goser/shm"
	"goser/worker"
	"goser/worker/module"
	_ "goser/worker/module/all" // every module that is built in
)

// catalog is what a configuration may use.
func catalog() cfg.Catalog { return module.NewCatalog() }

// work is what a worker does; tests put misbehaving ones in its place.
var work = worker.Main

// roots makes what the loaded modules keep in the arena.
func roots(p *cfg.Program) func(*shm.Arena) error {
	return func(a *shm.Arena) error { return module.MakeRoots(p, a) }
}

// pendingInModules lists the functions of the original that some module of
// ours would have and has not yet.
func pendingInModules() []string { return nil }
