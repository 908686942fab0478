package handoff

import (
	"errors"
	"io"
	"net/netip"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestBirthRoundTrip(t *testing.T) {
	want := &Birth{
		Role: RoleUDP, Desc: "udp receiver child=0 sock=127.0.0.1:5060", Rank: 1, Index: 3,
		Generation: 7, ArenaFD: 4, Socket: 0,
		Sockets:   []Socket{{FD: 8, Proto: "udp", Addr: netip.MustParseAddrPort("[::1]:5060"), Name: "::1"}},
		Aliases:   []Alias{{Host: "example.org", Port: 5060}},
		Overrides: []Override{{"children", "4"}},
	}
	f, err := os.CreateTemp(t.TempDir(), "birth")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := want.Write(f); err != nil {
		t.Fatal(err)
	}
	got, err := read(f)
	if err != nil {
		t.Fatal(err)
	}
	addrs := cmp.Comparer(func(a, b netip.AddrPort) bool { return a == b })
	if d := cmp.Diff(want, got, addrs); d != "" {
		t.Error(d)
	}
}

func TestBirthRefusesOtherVersion(t *testing.T) {
	f, _ := os.CreateTemp(t.TempDir(), "birth")
	defer f.Close()
	f.WriteString(`{"Version":"0"}`)
	if _, err := read(f); !errors.Is(err, ErrVersion) {
		t.Errorf("got %v, want ErrVersion", err)
	}
	f.Truncate(5)
	if _, err := read(f); err == nil {
		t.Error("a truncated record was accepted")
	}
}

func TestReport(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	want := []Report{{Index: 2, Generation: 9}, {Index: 3, Err: strings.Repeat("x", 502)}}
	for _, rep := range append(want, Report{Err: strings.Repeat("y", 4000)}) {
		if err := rep.Say(w); err != nil {
			t.Fatal(err)
		}
	}
	w.Close()
	for i := range want {
		got, err := ReadReport(r)
		if err != nil || got != want[i] {
			t.Errorf("report %d: got %+v, %v", i, got, err)
		}
	}
	if got, err := ReadReport(r); err != nil || len(got.Err) != 502 {
		t.Errorf("overlong reason: %d bytes, %v", len(got.Err), err)
	}
	if _, err := ReadReport(r); err != io.EOF {
		t.Errorf("at the end: %v", err)
	}
}
