package dbtext

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"

	"goser/worker/module/api/db"
)

// maxFile bounds a file, bytes.
const maxFile = 256 << 20

// directory is a database: each file is a table. It implements db.Conn.
//
// What another process, or an editor, has written is seen at the next call: a file is
// read again when it is another one, or its time or size has changed. Writers take turns
// (lock) and never give a file the time that it had.
type directory struct {
	path string

	writing sync.Mutex // one change at a time in this process
	mu      sync.Mutex
	tables  map[string]known
}

// known is what a file held when it looked so.
type known struct {
	stamp stamp
	table *table
	err   error
}

// stamp tells one state of a file from another.
type stamp struct {
	dev, ino uint64
	time     syscall.Timespec
	size     int64
}

func stampOf(fi os.FileInfo) stamp {
	st := fi.Sys().(*syscall.Stat_t)
	return stamp{uint64(st.Dev), st.Ino, st.Mtim, st.Size}
}

func openDirectory(path string) (*directory, error) {
	fi, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("database %s: %w", path, plain(err))
	}
	if !fi.IsDir() {
		return nil, fmt.Errorf("database %s: it is no directory", path)
	}
	return &directory{path: path, tables: map[string]known{}}, nil
}

// plain is an error without the path, which is said already.
func plain(err error) error {
	var pe *os.PathError
	if errors.As(err, &pe) {
		return pe.Err
	}
	return err
}

// file is the path of a table.
func (d *directory) file(name string) (string, error) {
	if name == "" || name[0] == '.' || len(name) > 200 || strings.ContainsAny(name, "/\x00") {
		return "", fmt.Errorf("%s is no name of a table", quoted(name))
	}
	return filepath.Join(d.path, name), nil
}

// table reads a table, unless it is known and its file has not changed.
func (d *directory) table(name string) (*table, error) {
	path, err := d.file(name)
	if err != nil {
		return nil, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	fi, err := os.Stat(path)
	if err != nil {
		delete(d.tables, name)
		return nil, fmt.Errorf("table %s: %w", path, plain(err))
	}
	now := stampOf(fi)
	if k, ok := d.tables[name]; ok && k.stamp == now && dbMode == 0 {
		return k.table, k.err
	}
	k := known{}
	var data []byte
	if data, k.stamp, err = readFile(path); err != nil {
		return nil, fmt.Errorf("table %s: %w", path, plain(err))
	}
	if k.table, err = parse(data); err != nil {
		k.err = fmt.Errorf("table %s: %w", path, err)
	}
	d.tables[name] = k
	return k.table, k.err
}

func readFile(path string) ([]byte, stamp, error) {
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, stamp{}, err
	}
	defer f.Close()
	fi, err := f.Stat()
	if err != nil {
		return nil, stamp{}, err
	}
	if !fi.Mode().IsRegular() {
		return nil, stamp{}, errors.New("it is no regular file")
	}
	data, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err == nil && len(data) > maxFile {
		err = fmt.Errorf("it is larger than %d bytes", maxFile)
	}
	return data, stampOf(fi), err
}

// change replaces a table by what f makes of it: nil nothing.
func (d *directory) change(name string, f func(t *table) (*table, error)) error {
	path, err := d.file(name)
	if err != nil {
		return err
	}
	d.writing.Lock()
	defer d.writing.Unlock()
	unlock, err := lock(d.path)
	if err != nil {
		return err
	}
	defer unlock()
	t, err := d.table(name)
	if err != nil {
		return err
	}
	nt, err := f(t)
	if err != nil {
		return fmt.Errorf("table %s: %w", path, err)
	}
	if nt == nil {
		return nil
	}
	now, err := replaceFile(path, nt.print())
	if err != nil {
		return fmt.Errorf("table %s: %w", path, plain(err))
	}
	d.mu.Lock()
	d.tables[name] = known{stamp: now, table: nt}
	d.mu.Unlock()
	return nil
}

// Select implements db.Conn.
func (d *directory) Select(q *db.Select) (*db.Result, error) {
	t, err := d.table(q.Table)
	if err != nil {
		return nil, err
	}
	r, err := t.choose(q)
	if err != nil {
		return nil, fmt.Errorf("table %s: %w", filepath.Join(d.path, q.Table), err)
	}
	return r, nil
}

// Insert implements db.Conn.
func (d *directory) Insert(name string, row []db.Cell) error {
	return d.change(name, func(t *table) (*table, error) { return t.insert(row) })
}

// Replace implements db.Conn.
func (d *directory) Replace(name string, row []db.Cell, keys []string) error {
	return d.change(name, func(t *table) (*table, error) { return t.replace(row, keys) })
}

// Update implements db.Conn.
func (d *directory) Update(name string, set []db.Cell, where []db.Cond) (n int64, err error) {
	return d.count(name, func(t *table) (*table, int64, error) { return t.update(set, where) })
}

// Delete implements db.Conn.
func (d *directory) Delete(name string, where []db.Cond) (n int64, err error) {
	return d.count(name, func(t *table) (*table, int64, error) { return t.remove(where) })
}

// count changes a table, unless no row is touched.
func (d *directory) count(name string, f func(t *table) (*table, int64, error)) (n int64, err error) {
	err = d.change(name, func(t *table) (nt *table, err error) {
		if nt, n, err = f(t); n == 0 {
			return nil, err
		}
		return nt, err
	})
	return n, err
}
