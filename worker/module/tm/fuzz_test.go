package tm

import (
	"testing"

	"goser/shm"
	"goser/sip"
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

// Whatever lies in the block of a frozen request, thawing reads inside it and
// does not panic.
func FuzzThaw(f *testing.F) {
	e := moduletest.New(f)
	s, err := open(e)
	if err != nil {
		f.Fatal(err)
	}
	c := e.Request(moduletest.Options)
	off, ok := s.freeze(c)
	if !ok {
		f.Fatal("no room")
	}
	block := s.arena.Bytes(off, s.arena.SizeOf(off))
	good := string(block)
	f.Add(0, []byte{})
	f.Add(int(requestSize)-4*numParts, []byte{0xff, 0xff, 0xff, 0xff, 0xff})
	f.Add(int(requestSize), []byte("x"))
	f.Fuzz(func(t *testing.T, at int, b []byte) {
		copy(block, good)
		if at >= 0 && at < len(block) {
			copy(block[at:], b)
		}
		r := shm.View[request](s.arena, off)
		for i := range numParts {
			if n := len(s.part(off, r, i)); n > len(block) {
				t.Errorf("part %d of a block of %d bytes has %d", i, len(block), n)
			}
		}
		x := &tx{Request: shm.Own[request](off), Winner: -1}
		c := e.Borrow()
		ok := s.thaw(c, held{tx: x, off: off})
		if string(block) == good && (!ok || c.SIP.Raw == "") {
			t.Error("what was frozen is not thawed")
		}
		e.Return(c)
	})
}

// The key of a request is that of its repetition, its ACK and its CANCEL, and
// not that of the request with another branch.
func FuzzKey(f *testing.F) {
	e := moduletest.New(f)
	s, err := open(e)
	if err != nil {
		f.Fatal(err)
	}
	f.Add("z9hG4bKx", "192.0.2.1", "a")
	f.Add("1", "h:5070;branch=z9hG4bK", "b@c")
	f.Add("", "[::1]", "")
	msg := func(method, branch, host, id string) *module.Ctx {
		c := &module.Ctx{Env: e, Vars: &module.Vars{}}
		if c.SIP.Parse(method+" sip:x@y SIP/2.0\r\nVia: SIP/2.0/UDP "+host+";branch="+branch+"\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:x@y>\r\nCall-ID: "+
			id+"\r\nCSeq: 1 "+method+"\r\n\r\n") != nil {
			return nil
		}
		return c
	}
	f.Fuzz(func(t *testing.T, branch, host, id string) {
		c, ack, other := msg("INVITE", branch, host, id), msg("ACK", branch, host, id), msg("INVITE", branch+"0", host, id)
		if c == nil || ack == nil || other == nil {
			return
		}
		v, err := c.SIP.Via(0)
		if err != nil || !hasCookie(v.Branch) {
			s.keyOf(c, sip.MethodInvite, "INVITE")
			return
		}
		key, old := s.keyOf(c, sip.MethodInvite, "INVITE")
		again, _ := s.keyOf(ack, sip.MethodInvite, "INVITE")
		if key != again || old {
			t.Errorf("branch %q: the key is %x, the ACK's %x", v.Branch, key, again)
		}
		if o, err := other.SIP.Via(0); err == nil && o.Branch != v.Branch {
			if k, _ := s.keyOf(other, sip.MethodInvite, "INVITE"); k == key {
				t.Errorf("branches %q and %q have one key", v.Branch, o.Branch)
			}
		}
	})
}

// Whatever lies in a blob's head, its content is inside the block.
func FuzzBlob(f *testing.F) {
	e := moduletest.New(f)
	s, err := open(e)
	if err != nil {
		f.Fatal(err)
	}
	off, ok := s.proc.Alloc(kindBlob, 64)
	if !ok {
		f.Fatal("no room")
	}
	f.Add(uint32(3), uint32(48), []byte("abc"))
	f.Add(^uint32(0), ^uint32(0), []byte{})
	f.Fuzz(func(t *testing.T, n, room uint32, data []byte) {
		b := shm.View[blob](s.arena, off)
		b.Len, b.Cap = n, room
		if got := s.blob(shm.Own[blob](off)); len(got) > 56 {
			t.Errorf("%d bytes in a block of 64", len(got))
		}
		b.Cap = 56
		x := &tx{}
		o := shm.Own[blob](off)
		if len(data) <= 56 && (!s.store(x, &o, data) || string(s.blob(o)) != string(data)) {
			t.Errorf("%q is stored as %q", data, s.blob(o))
		}
	})
}
