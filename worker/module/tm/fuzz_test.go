package tm

import (
	"testing"

	"goser/worker/module"
	"goser/worker/module/moduletest"
)

// Only what appendBranchID wrote is read back, and as it was written.
func FuzzBranchID(f *testing.F) {
	e := moduletest.New(f)
	s, err := open(e)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(string(s.appendBranchID(nil, branchID{0x12340, 77, 3})))
	f.Add("z9hG4bK")
	f.Fuzz(func(t *testing.T, b string) {
		id, ok := s.parseBranchID(b)
		if ok && string(s.appendBranchID(nil, id)) != b[:idLen] {
			t.Errorf("%q is read as %+v", b, id)
		}
	})
}

// Whatever stands in the AVP, the destination is one or it is empty.
func FuzzContact(f *testing.F) {
	e := moduletest.New(f)
	s, err := open(e)
	if err != nil {
		f.Fatal(err)
	}
	c := e.Request(moduletest.Options)
	f.Add(packContact(c, &module.Branch{URI: "sip:x@y", Dst: "sip:z", Q: 500, Flags: 3}, 2))
	f.Add("\n \n\n")
	f.Fuzz(func(t *testing.T, v string) {
		b, group := s.unpackContact(v)
		if len(b.URI)+len(b.Dst)+len(b.Path)+len(group) > len(v) {
			t.Errorf("%q is read as %+v, group %q", v, b, group)
		}
	})
}

func FuzzProxy(f *testing.F) {
	for _, s := range []string{"udp:192.0.2.1:5060", "[::1]:5060", "x", "tcp:x:1", ":", "udp:"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, v string) {
		if to, err := parseProxy(v); err == nil && (to.Host == "" || to.Port < 0 || to.Port > 65535) {
			t.Errorf("%q is read as %+v", v, to)
		}
	})
}
