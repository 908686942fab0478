package robust

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"goser/scripts/interop/internal/peer"
)

// dbTable is a table that any user agent may write a value into.
const dbTable = "id(int,auto) uuid(string) username(string) domain(string) attribute(string) type(int) value(string)\n"

// dbHead is a server with such a table: INFO stores the value of X-V, MESSAGE puts it in the place of what is there, and every
// other request is told what is there.
const dbHead = `loadmodule "pv"
loadmodule "textops"
loadmodule "db_text"
loadmodule "avpops"
modparam("avpops", "db_url", "text://@DB@")
modparam("avpops", "avp_table", "t")
force_rport=yes
request_route {
	$avp(v) = $hdr(X-V);
	if (method == "INFO") {
		if (avp_db_store("u", "$avp(v)")) sl_send_reply("200", "OK"); else sl_send_reply("500", "No");
	} else if (method == "MESSAGE") {
		if (avp_db_query("update t set value='$avp(v)' where uuid='u'") == -2) sl_send_reply("200", "OK"); else sl_send_reply("500", "No");
	} else {
		avp_db_load("u", "$avp(w)/t");
		avp_db_query("select value from t where uuid='u'", "$avp(w)");
		append_to_reply("X-V: $avp(w)\r\n");
		sl_send_reply("200", "OK");
	}
}
`

func serveTable(t *testing.T, rows string, children int) (s *peer.Server, c *peer.Client, dir string) {
	t.Helper()
	dir = filepath.Join(t.TempDir(), "db")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "t"), []byte(dbTable+rows), 0o600); err != nil {
		t.Fatal(err)
	}
	s, c, _ = serve(t, head+strings.ReplaceAll(dbHead, "@DB@", dir)+fmt.Sprintf("children=%d\n", children), peer.Options{})
	return s, c, dir
}

// give sends a request with a value and tells its Call-ID.
func give(c *peer.Client, method, value string) string {
	data, id := c.Options()
	text := strings.ReplaceAll(string(data), "OPTIONS", method)
	c.Send([]byte(strings.Replace(text, "\r\nCall-ID", "\r\nX-V: "+value+"\r\nCall-ID", 1)))
	return id
}

// hold keeps all others from changing the tables until the returned function is called.
func hold(t *testing.T, dir string) (release func()) {
	t.Helper()
	f, err := os.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX); err != nil {
		t.Fatal(err)
	}
	return func() { f.Close() }
}

func tableOf(t *testing.T, dir string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(dir, "t"))
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimPrefix(string(data), dbTable)
}

// One worker, whose database lets it wait: only the message that asked waits.
func TestSlowDatabaseDelaysItsMessageAlone(t *testing.T) {
	t.Parallel()
	s, c, dir := serveTable(t, "", 1)
	release := hold(t, dir)
	writer := peer.Dial(t, s.Port)
	id := give(writer, "INFO", "one")
	for range 20 {
		mustAnswer(t, s, c)
	}
	if writer.Await(id, 200*time.Millisecond) {
		t.Error("it was answered before the database was written")
	}
	release()
	mustStore(t, s, writer, id, dir)
}

// The worker dies while a message waits for the database: its successor handles that message.
func TestWorkerDiesWhileTheDatabaseIsSlow(t *testing.T) {
	t.Parallel()
	s, c, dir := serveTable(t, "", 1)
	time.Sleep(2 * time.Second) // a worker that dies before all are ready fails the start, on purpose
	release := hold(t, dir)
	writer := peer.Dial(t, s.Port)
	id := give(writer, "INFO", "one")
	mustAnswer(t, s, c)
	killReceiver(s)
	mustAnswer(t, s, c)
	release()
	mustStore(t, s, writer, id, dir)
}

// mustStore waits for the answer to INFO "one", whose row is the only one then.
func mustStore(t *testing.T, s *peer.Server, writer *peer.Client, id, dir string) {
	t.Helper()
	if !writer.Await(id, 10*time.Second) {
		t.Errorf("it was not answered when the database was there:\n%s", s.Log())
	}
	if got := tableOf(t, dir); got != "1:u:::v:0:one\n" {
		t.Errorf("%q", got)
	}
}

func killReceiver(s *peer.Server) {
	for _, pid := range peer.Children(s.Pid) {
		if strings.Contains(peer.Title(pid), "udp receiver") {
			_ = syscall.Kill(pid, syscall.SIGKILL)
			return
		}
	}
}

// A worker that takes a dead one's place lives without the database, and uses it when it is back.
func TestDatabaseIsAway(t *testing.T) {
	t.Parallel()
	s, c, dir := serveTable(t, "", 1)
	time.Sleep(2 * time.Second)
	if err := os.Rename(dir, dir+".away"); err != nil {
		t.Fatal(err)
	}
	killReceiver(s)
	mustAnswer(t, s, c)
	if log := s.Log(); !strings.Contains(log, "no such file or directory") {
		t.Errorf("the log does not say that the database is away:\n%s", log)
	}
	if err := os.Rename(dir+".away", dir); err != nil {
		t.Fatal(err)
	}
	time.Sleep(1200 * time.Millisecond)
	if id := give(c, "INFO", "two"); !c.Await(id, 10*time.Second) {
		t.Errorf("it was not answered:\n%s", s.Log())
	}
	if got := tableOf(t, dir); got != "1:u:::v:0:two\n" {
		t.Errorf("%q", got)
	}
}

// What one worker writes all see at once. What a message brings stays a value.
func TestAllWorkersSeeTheDatabase(t *testing.T) {
	t.Parallel()
	s, c, _ := serveTable(t, "1:u:::v:0:start\n", 4)
	for i := range 20 {
		value := fmt.Sprintf("v%d", i%7)
		if id := give(c, "MESSAGE", value); !c.Await(id, 10*time.Second) {
			t.Fatalf("%s was not stored:\n%s", value, s.Log())
		}
		for range 8 {
			data, _ := c.Options()
			c.Send(data)
		}
		for range 8 {
			reply := string(c.Next("SIP/2.0 200", 10*time.Second))
			if !strings.Contains(reply, "\r\nX-V: "+value+"\r\n") {
				t.Fatalf("%s was stored, and then a worker says:\n%s", value, reply)
			}
		}
	}
}

// A broken table, and one that is not there, stop nobody, and cannot fill the log.
func TestBrokenTableStopsNobody(t *testing.T) {
	t.Parallel()
	s, c, dir := serveTable(t, "1:u:::v:0:start\n", 1)
	if err := os.WriteFile(filepath.Join(dir, "t"), []byte(dbTable+"1:u:::v:0:x:too:many\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	before := s.LogSize()
	for range 3000 {
		if !c.Ask(5 * time.Second) {
			t.Fatalf("no answer:\n%s", tail(s.Log()))
		}
	}
	if n := s.LogSize() - before; n > 200_000 {
		t.Errorf("3000 requests made %d bytes of log", n)
	}
	if want := "line 2: more than the 7 fields of the header"; !strings.Contains(s.Log(), want) {
		t.Errorf("the log does not say %q:\n%s", want, tail(s.Log()))
	}
}
