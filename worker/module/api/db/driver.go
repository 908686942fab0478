package db

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"goser/worker/module"
)

// Driver is what a module is that brings a kind of database.
type Driver struct {
	Module  string   // whose loadmodule a db_url needs
	Schemes []string // of a db_url: "text" for text://
	// Check looks at what follows the scheme and its colon: whether Open can make
	// sense of it. Nothing is opened.
	Check func(rest string) error
	// Open connects. It may take long.
	Open func(rest string) (Conn, error)
}

// Conn is a database that is open. It is used by several goroutines at once. Every
// call may take long; what it is given it may keep. Update and Delete tell how many
// rows there were.
type Conn interface {
	Select(q *Select) (*Result, error)
	Insert(table string, row []Cell) error
	// Replace puts a row in the place of those that agree with it in the columns
	// keys, all of which are in it.
	Replace(table string, row []Cell, keys []string) error
	Update(table string, set []Cell, where []Cond) (int64, error)
	Delete(table string, where []Cond) (int64, error)
	// Run runs a statement in the database's own language. The result is nil if the
	// statement is none that has one.
	Run(statement string) (*Result, error)
}

var drivers = map[string]*Driver{}

// Register makes a driver known; its module's init calls it.
func Register(d *Driver) {
	for _, s := range d.Schemes {
		drivers[s] = d
	}
}

// find takes a db_url apart.
func find(url string) (d *Driver, rest string, err error) {
	scheme, rest, ok := strings.Cut(url, ":")
	if !ok || scheme == "" || strings.ContainsAny(scheme, "/ ") {
		return nil, "", fmt.Errorf("db_url %q: expected scheme://..., such as text:///etc/ser/dbtext", shown(url))
	}
	d = drivers[scheme]
	if d == nil {
		return nil, "", fmt.Errorf("db_url %q: no module for %s:// is there yet; there are %s", shown(url), scheme, known())
	}
	if !module.IsLoaded(d.Module) {
		return nil, "", fmt.Errorf("db_url %q: the database's module is not loaded: loadmodule \"%s.so\" is missing", shown(url), d.Module)
	}
	return d, rest, nil
}

// shown is a db_url without its password, for messages.
func shown(url string) string {
	at := strings.LastIndexByte(url, '@')
	start := strings.Index(url, "://") + 3
	if at < start || start < 3 {
		return url
	}
	user, _, ok := strings.Cut(url[start:at], ":")
	if !ok {
		return url
	}
	return url[:start] + user + ":***" + url[at:]
}

func known() string {
	var list []string
	for s, d := range drivers {
		list = append(list, s+":// of "+d.Module)
	}
	slices.Sort(list)
	return strings.Join(list, ", ")
}

// Check tells what is wrong with a db_url; nothing is opened. Parameters are set when
// all modules of the configuration are known.
func Check(url string) error {
	d, rest, err := find(url)
	if err == nil && d.Check != nil {
		err = d.Check(rest)
	}
	return err
}

// DB is an open database, or one that will be opened when it is there again.
type DB struct {
	open func() (Conn, error)

	mu     sync.Mutex
	conn   Conn
	failed time.Time // when opening it failed last, and how
	why    error
}

// again is how long nobody tries to open a database that was not there.
const again = time.Second

// Open opens a database when a module starts. That it cannot be had is an error when
// the server starts. A process that takes a dead one's place must live without it: it
// tries again at each use.
func Open(e module.Env, url string) (*DB, error) {
	d, rest, err := find(url)
	if err != nil {
		return nil, err
	}
	db := &DB{open: func() (Conn, error) { return d.Open(rest) }}
	if _, err = db.connection(); err != nil {
		if e.Process().First {
			return nil, err
		}
		e.Log().Error("the database is not there", "err", err)
	}
	return db, nil
}

// connection opens the database if it is not open. It may wait.
func (db *DB) connection() (Conn, error) {
	db.mu.Lock()
	defer db.mu.Unlock()
	if db.conn != nil {
		return db.conn, nil
	}
	if db.why != nil && time.Since(db.failed) < again {
		return nil, db.why
	}
	conn, err := db.open()
	if db.why = err; err != nil {
		db.failed = time.Now()
		return nil, err
	}
	db.conn = conn
	return db.conn, nil
}
