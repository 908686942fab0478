package dbtext

import (
	"bufio"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"goser/shm/kill"
	"goser/worker/module/api/db"
)

// A test that needs another process starts itself again with this variable.
const childEnv = "DBTEXT_CHILD"

func TestMain(m *testing.M) {
	if args := strings.Fields(os.Getenv(childEnv)); len(args) > 1 {
		child(args[0], args[1:])
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// child stores one row after the other and says which are stored, or what failed.
func child(dir string, args []string) {
	if args[0] == "full" { // the file may not grow any more
		signal.Ignore(syscall.SIGXFSZ)
		lim := syscall.Rlimit{Cur: 4096, Max: 4096}
		if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &lim); err != nil {
			fmt.Println(err)
			return
		}
	}
	d, err := openDirectory(dir)
	for i := 0; err == nil; i++ {
		name := fmt.Sprintf("%s-%d-%d", args[0], os.Getpid(), i)
		if err = d.Insert("t", row(name)); err == nil {
			fmt.Println(name)
		}
		time.Sleep(time.Millisecond) // as a server does something else, too: the others get their turn
	}
	fmt.Println("error:", err)
}

func row(name string) []db.Cell { return []db.Cell{{Column: "name", Value: db.TextValue(name)}} }

const header = "id(int,auto) name(string) note(string,null)\n"

func newDirectory(t *testing.T, rows string) *directory {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "t"), []byte(header+rows), 0o640); err != nil {
		t.Fatal(err)
	}
	return reopen(t, dir)
}

func reopen(t *testing.T, dir string) *directory {
	t.Helper()
	d, err := openDirectory(dir)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// names are the names of all rows.
func (d *directory) names(t *testing.T) []string {
	t.Helper()
	r, err := d.Select(&db.Select{Table: "t", Columns: []string{"name"}})
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, row := range r.Rows {
		out = append(out, row[0].Text)
	}
	return out
}

// Who dies at any point of a change leaves the old table or the new one, and nothing in the way of the next.
func TestDeathAtEveryPoint(t *testing.T) {
	points := 0
	for nth := int64(1); ; nth++ {
		d := newDirectory(t, "1:a:\n")
		at := kill.Try("dbtext.", nth, func() { _ = d.Insert("t", row("b")) })
		if at == "" {
			break
		}
		points++
		d = reopen(t, d.path)
		got := strings.Join(d.names(t), " ")
		if want := map[bool]string{true: "b a", false: "a"}[at == "dbtext.write.renamed"]; got != want {
			t.Errorf("%s: %s, want %s", at, got, want)
		}
		if err := d.Insert("t", row("c")); err != nil {
			t.Errorf("%s: %v", at, err)
		}
		if now := strings.Join(d.names(t), " "); now != "c "+got {
			t.Errorf("%s: then %s", at, now)
		}
		onlyTable(t, d.path)
	}
	if points < 4 {
		t.Errorf("only %d points", points)
	}
}

// onlyTable tells whether anything is left beside the table.
func onlyTable(t *testing.T, dir string) {
	t.Helper()
	left, err := os.ReadDir(dir)
	if err != nil || len(left) != 1 {
		t.Errorf("%v, %v", left, err)
	}
}

// Processes that store at the same time, and are killed, lose nothing that they were told is stored.
func TestProcessesKilledWhileTheyStore(t *testing.T) {
	d := newDirectory(t, "")
	var cmds []*exec.Cmd
	said := make(chan string, 100000)
	done := make(chan bool)
	start := func(n int) {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), fmt.Sprintf("%s=%s w%d", childEnv, d.path, n))
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		cmds = append(cmds, cmd)
		works := make(chan bool, 1)
		go func() {
			n := 0
			for s := bufio.NewScanner(out); s.Scan(); n++ {
				said <- s.Text()
				if n == 3 {
					works <- true
				}
			}
			works <- true
			done <- true
		}()
		<-works
	}
	for n := range 6 {
		start(n)
		time.Sleep(time.Duration(rand.IntN(30)) * time.Millisecond)
		if n > 1 {
			_ = cmds[n-2].Process.Kill()
		}
	}
	for _, cmd := range cmds {
		_ = cmd.Process.Kill()
	}
	for range cmds {
		<-done
	}
	for _, cmd := range cmds {
		_ = cmd.Wait()
	}
	close(said)
	stored := map[string]bool{}
	for _, name := range d.names(t) {
		if stored[name] {
			t.Errorf("%s is there twice", name)
		}
		stored[name] = true
	}
	n := 0
	for name := range said {
		if n++; !stored[name] {
			t.Errorf("%s is lost", name)
		}
	}
	if n < 6*4 {
		t.Errorf("only %d rows were stored", n)
	}
	r, err := d.Select(&db.Select{Table: "t", Columns: []string{"id"}})
	if err != nil {
		t.Fatal(err)
	}
	ids := map[int64]bool{}
	for _, row := range r.Rows {
		if ids[row[0].Int] {
			t.Errorf("number %d is given twice", row[0].Int)
		}
		ids[row[0].Int] = true
	}
	if err := d.Insert("t", row("after")); err != nil {
		t.Error(err)
	}
	onlyTable(t, d.path)
}

// A full disk is an error that leaves the file as it was.
func TestFullDisk(t *testing.T) {
	d := newDirectory(t, "1:a:"+strings.Repeat("x", 4000)+"\n")
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childEnv+"="+d.path+" full")
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "error: table "+d.path+"/t: file too large") {
		t.Errorf("%v, %s", err, out)
	}
	names := d.names(t)
	if len(names) == 0 || names[len(names)-1] != "a" || len(names) != strings.Count(string(out), "\n") {
		t.Errorf("%q, but the other said %q", names, out)
	}
	onlyTable(t, d.path)
}

// What one process stores the others see at once, however soon.
func TestOthersSeeAtOnce(t *testing.T) {
	d := newDirectory(t, "")
	other := reopen(t, d.path)
	for i := range 60 {
		writer, reader := d, other
		if i%2 == 1 {
			writer, reader = other, d
		}
		name := fmt.Sprint(i % 10) // files of one length
		if _, err := writer.Delete("t", nil); err != nil {
			t.Fatal(err)
		}
		if err := writer.Insert("t", row(name)); err != nil {
			t.Fatal(err)
		}
		if got := reader.names(t); len(got) != 1 || got[0] != name {
			t.Fatalf("%d: %q", i, got)
		}
	}
}

// An editor's change is seen, and a mistake in it is told and can be mended.
func TestFileIsEdited(t *testing.T) {
	d := newDirectory(t, "1:a:\n")
	d.names(t)
	path := filepath.Join(d.path, "t")
	edit := func(rows string) {
		if err := os.WriteFile(path, []byte(header+rows), 0o640); err != nil {
			t.Fatal(err)
		}
	}
	edit("1:a:\n2:b:\nx:c:\n")
	want := "table " + path + `: line 4: column id is int: "x" is no such number`
	if _, err := d.Select(&db.Select{Table: "t"}); err == nil || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
	if err := d.Insert("t", row("d")); err == nil || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
	edit("1:a:\n2:b:\n")
	if got := strings.Join(d.names(t), " "); got != "a b" {
		t.Error(got)
	}
}

// Mode and links stay, and long values come back as they were.
func TestFileStaysTheSame(t *testing.T) {
	d := newDirectory(t, "1:a:\n")
	path := filepath.Join(d.path, "t")
	real := filepath.Join(t.TempDir(), "real")
	if err := os.Rename(path, real); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(real, path); err != nil {
		t.Fatal(err)
	}
	long := strings.Repeat("a:\n\\\x00\xff", 64<<10/7)
	if err := d.Insert("t", row(long)); err != nil {
		t.Fatal(err)
	}
	if got := reopen(t, d.path).names(t); len(got) != 2 || got[0] != long {
		t.Errorf("%d rows", len(got))
	}
	if fi, err := os.Lstat(path); err != nil || fi.Mode()&os.ModeSymlink == 0 {
		t.Errorf("%v, %v", fi, err)
	}
	if fi, err := os.Stat(path); err != nil || fi.Mode().Perm() != 0o640 {
		t.Errorf("%v, %v", fi, err)
	}
}

func TestErrors(t *testing.T) {
	d := newDirectory(t, "1:a:\n2:b:x\n")
	cell := func(column, value string) []db.Cell {
		return []db.Cell{{Column: column, Value: db.TextValue(value)}}
	}
	sel := func(table, column string) error {
		_, err := d.Select(&db.Select{Table: table, Columns: []string{column}})
		return err
	}
	update := func(set []db.Cell, where ...db.Cond) error {
		_, err := d.Update("t", set, where)
		return err
	}
	for _, tc := range []struct {
		err  error
		want string
	}{
		{sel("none", "a"), "table " + d.path + "/none: no such file or directory"},
		{sel("t", "foo"), `no column "foo": there are id name note`},
		{sel("../t", "a"), `"../t" is no name of a table`},
		{sel(".", "a"), `"." is no name of a table`},
		{sel("", "a"), `"" is no name of a table`},
		{d.Insert("t", cell("note", "x")), "column name: no value; it would have to be name(string,null)"},
		{d.Insert("t", cell("foo", "x")), `no column "foo"`},
		{update(cell("id", "x"), db.Is("name", db.TextValue("a"))), `column id is int: "x" is no such number`},
		{update(cell("note", "x"), db.Is("foo", db.TextValue("a"))), `no column "foo"`},
	} {
		if tc.err == nil || !strings.Contains(tc.err.Error(), tc.want) {
			t.Errorf("%v, want %s", tc.err, tc.want)
		}
	}
	if _, err := openDirectory(d.path + "/t"); err == nil || !strings.Contains(err.Error(), "it is no directory") {
		t.Error(err)
	}
	if _, err := openDirectory(d.path + "/none"); err == nil || !strings.Contains(err.Error(), "no such file or directory") {
		t.Error(err)
	}
}

func TestReplace(t *testing.T) {
	d := newDirectory(t, "1:a:x\n2:b:y\n")
	for _, name := range []string{"b", "c"} {
		if err := d.Replace("t", append(row(name), db.Cell{Column: "note", Value: db.TextValue("new")}), []string{"name"}); err != nil {
			t.Fatal(err)
		}
	}
	data, err := os.ReadFile(filepath.Join(d.path, "t"))
	if want := header + "4:c:new\n3:b:new\n1:a:x\n"; err != nil || string(data) != want {
		t.Errorf("%v, %q, want %q", err, data, want)
	}
}
