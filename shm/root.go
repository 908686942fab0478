package shm

import (
	"bytes"
	"fmt"
	"sync/atomic"

	"goser/shm/kill"
)

const (
	rootNone     = 0
	rootBuilding = 1
	rootReady    = 2
)

type rootRow struct {
	State uint32
	Kind  uint32
	Seq   uint32
	_     uint32
	Off   uint64
	Size  uint64
	Name  [64]byte
}

// Root is a named place in the arena, found again by any process.
type Root struct {
	Name string
	Kind Kind
	Off  uint64
	Size uint64
}

func (a *Arena) rootAt(i int) *rootRow {
	return &at[[MaxRoots]rootRow](a, a.hdr.RootOff)[i]
}

func (r *rootRow) name() string {
	n := bytes.IndexByte(r.Name[:], 0)
	if n < 0 {
		n = len(r.Name)
	}
	return string(r.Name[:n])
}

// root returns row i if it is ready and lies in the arena.
func (a *Arena) root(i int) (Root, bool) {
	r := a.rootAt(i)
	if atomic.LoadUint32(&r.State) != rootReady || !a.holds(r.Off, r.Size, PageSize) {
		return Root{}, false
	}
	return Root{Name: r.name(), Kind: Kind(r.Kind), Off: r.Off, Size: r.Size}, true
}

// FindRoot looks a root up by name.
func (a *Arena) FindRoot(name string) (Root, bool) {
	for i := range MaxRoots {
		if r, ok := a.root(i); ok && r.Name == name {
			return r, true
		}
	}
	return Root{}, false
}

// Roots lists all roots in the order of their making.
func (a *Arena) Roots() (out []Root) {
	for i := range MaxRoots {
		if r, ok := a.root(i); ok {
			out = append(out, r)
		}
	}
	return out
}

// Root finds the named root, or makes it: size bytes of zeros, at an offset
// that is a multiple of align (a power of two; at least PageSize is given). What
// is not touched costs nothing. init, which may be nil, fills a new one before
// anybody can find it; it may take no lock and allocate no block. A root that
// exists with another kind or size is an error. Roots are never freed.
func (p *Proc) Root(name string, kind Kind, size, align uint64, init func(b []byte)) (Root, bool, error) {
	if err := p.a.checkRoot(name, size, align); err != nil {
		return Root{}, false, err
	}
	if kind == 0 {
		kind = KindRaw
	}
	if p.a.hdr.RootLock.Lock(p) {
		p.undoRoots()
	}
	defer p.a.hdr.RootLock.Unlock(p)
	if r, ok := p.a.FindRoot(name); ok {
		if r.Kind != kind || r.Size != size {
			return Root{}, false, fmt.Errorf("shm: root %q exists as %s of %d bytes, wanted as %s of %d", name, r.Kind, r.Size, kind, size)
		}
		return r, false, nil
	}
	return p.makeRoot(Root{Name: name, Kind: kind, Size: size}, max(align, PageSize), init)
}

func (a *Arena) checkRoot(name string, size, align uint64) error {
	switch {
	case name == "" || len(name) > len(rootRow{}.Name):
		return fmt.Errorf("shm: root name %q: want 1 to %d bytes", name, len(rootRow{}.Name))
	case size == 0 || size > a.size:
		return fmt.Errorf("shm: root %q of %d bytes: want 1 to the arena's %d", name, size, a.size)
	case align&(align-1) != 0 || align > 1<<30:
		return fmt.Errorf("shm: root %q aligned to %d: want a power of two up to 1 GB", name, align)
	}
	return nil
}

// makeRoot runs under the root lock. A row that is building and the pages it
// names (it knows their allocation number) are undone if we die.
func (p *Proc) makeRoot(want Root, align uint64, init func(b []byte)) (Root, bool, error) {
	r := p.a.freeRootRow()
	if r == nil {
		return Root{}, false, fmt.Errorf("shm: root %q: all %d roots are in use", want.Name, MaxRoots)
	}
	n := (want.Size + PageSize - 1) / PageSize
	p.lockPages()
	start, ok := p.a.takeTop(n, align)
	if !ok {
		p.a.hdr.PageLock.Unlock(p)
		p.a.count(&p.a.hdr.Stats.NoMemory)
		return Root{}, false, fmt.Errorf("shm: root %q of %d bytes: no room, %d of %d bytes are taken", want.Name, want.Size, p.a.Memory().Taken, p.a.size)
	}
	want.Off = p.a.pageOff(start)
	p.a.punch(want.Off, n*PageSize)
	*r = rootRow{Kind: uint32(want.Kind), Seq: p.a.nextSeq(), Off: want.Off, Size: want.Size}
	copy(r.Name[:], want.Name)
	kill.Point("root.make.1")
	atomic.StoreUint32(&r.State, rootBuilding)
	kill.Point("root.make.2")
	p.a.publishPages(start, newDesc(pageRoot, 0, n, r.Seq), false)
	p.a.hdr.PageLock.Unlock(p)
	kill.Point("root.make.3")
	if init != nil {
		init(p.a.Bytes(want.Off, want.Size))
	}
	kill.Point("root.make.4")
	atomic.StoreUint32(&r.State, rootReady)
	kill.Point("root.make.5")
	return want, true, nil
}

func (a *Arena) freeRootRow() *rootRow {
	for i := range MaxRoots {
		if r := a.rootAt(i); atomic.LoadUint32(&r.State) == rootNone {
			return r
		}
	}
	return nil
}

// undoRoots removes what a dead maker left unfinished, under the root lock.
func (p *Proc) undoRoots() {
	for i := range MaxRoots {
		r := p.a.rootAt(i)
		if atomic.LoadUint32(&r.State) != rootBuilding {
			continue
		}
		p.lockPages()
		if p.a.holds(r.Off, r.Size, PageSize) {
			page := p.a.pageOf(r.Off)
			if d := p.a.desc(page); d.kind() == pageRoot && d.seq() == r.Seq {
				p.a.freePages(page)
			}
		}
		kill.Point("root.undo")
		atomic.StoreUint32(&r.State, rootNone)
		p.a.hdr.PageLock.Unlock(p)
	}
}
