package db_test

import (
	"errors"
	"strings"
	"testing"
	"time"
	"unsafe"

	"goser/cfg/check"
	"goser/worker/module"
	"goser/worker/module/api/db"
	"goser/worker/module/moduletest"
)

// fake is a database that answers nothing and remembers what it was given.
type fake struct {
	db.Conn
	rows []db.Cell
}

func (f *fake) Insert(_ string, row []db.Cell) error { f.rows = row; return nil }

var (
	conn  = &fake{}
	away  error
	opens int
)

func init() {
	db.Register(&db.Driver{Module: "db_fake", Schemes: []string{"fake"}, Open: func(rest string) (db.Conn, error) {
		opens++
		if away != nil {
			return (*fake)(nil), away // a driver may be so careless
		}
		return conn, nil
	}})
}

func load(names ...string) {
	p := &check.Program{}
	for _, n := range names {
		p.Modules = append(p.Modules, check.Module{Name: n})
	}
	module.Use(p)
}

func TestCheck(t *testing.T) {
	load("db_fake")
	if err := db.Check("fake://x"); err != nil {
		t.Error(err)
	}
	for url, want := range map[string]string{
		"/etc":               "expected scheme://",
		"://x":               "expected scheme://",
		"":                   "expected scheme://",
		"nosql://u:secret@h": `db_url "nosql://u:***@h": no module for nosql:// is there yet; there are fake:// of db_fake`,
	} {
		if err := db.Check(url); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "secret") {
			t.Errorf("%q: %v, want %s", url, err, want)
		}
	}
	load()
	want := `db_url "fake://u:***@h/d": the database's module is not loaded: loadmodule "db_fake.so" is missing`
	if err := db.Check("fake://u:secret@h/d"); err == nil || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
}

// A server does not start without its database; a worker that is born later does, and finds it when it is back.
func TestDatabaseIsAway(t *testing.T) {
	load("db_fake")
	e := moduletest.New(t)
	c := e.Request(moduletest.Options)
	away = errors.New("nobody home")
	e.Who.First = true
	if _, err := db.Open(e, "fake://x"); err != away {
		t.Errorf("%v at start", err)
	}
	e.Who.First = false
	d, err := db.Open(e, "fake://x")
	if err != nil {
		t.Fatal(err)
	}
	opens = 0
	for range 10 {
		if err := d.Insert(c, "t", nil); err != away {
			t.Error(err)
		}
	}
	if opens > 1 {
		t.Errorf("%d tries in no time", opens)
	}
	away = nil
	time.Sleep(1100 * time.Millisecond)
	if err := d.Insert(c, "t", nil); err != nil {
		t.Error(err)
	}
}

// Calls wait, and what they are given is copied: it may outlive the message.
func TestCallsWait(t *testing.T) {
	load("db_fake")
	e := moduletest.New(t)
	c := e.Request(moduletest.Options)
	d, err := db.Open(e, "fake://x")
	if err != nil {
		t.Fatal(err)
	}
	text := c.Keep("value")
	if err := d.Insert(c, "t", []db.Cell{{Column: "c", Value: db.TextValue(text)}}); err != nil || e.Waits != 1 {
		t.Errorf("%v, %d waits", err, e.Waits)
	}
	if got := conn.rows[0].Value.Text; got != text || unsafe.StringData(got) == unsafe.StringData(text) {
		t.Errorf("%q is not a copy", got)
	}
	e.WaitFail = errors.New("too many wait")
	if err := d.Insert(c, "t", nil); err != e.WaitFail {
		t.Error(err)
	}
	if err := d.Insert(nil, "t", nil); err != nil { // at start there is no message
		t.Error(err)
	}
}
