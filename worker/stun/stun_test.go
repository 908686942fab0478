package stun

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"hash/crc32"
	"net/netip"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var src = netip.MustParseAddrPort("192.0.2.1:32853")

const id = "\xb7\xe7\xa7\x01\xbc\x34\xd6\x86\xfa\x87\xdf\xae"

func message(kind uint16, attrs ...[]byte) []byte {
	body := bytes.Join(attrs, nil)
	b := binary.BigEndian.AppendUint16(nil, kind)
	b = binary.BigEndian.AppendUint16(b, uint16(len(body)))
	b = binary.BigEndian.AppendUint32(b, cookie)
	return append(append(b, id...), body...)
}

func attr(kind uint16, value string) []byte {
	return appendText(appendHead(nil, kind, len(value)), value)
}

// sealed adds a FINGERPRINT.
func sealed(m []byte) []byte {
	binary.BigEndian.PutUint16(m[2:], binary.BigEndian.Uint16(m[2:])+8)
	return binary.BigEndian.AppendUint32(appendHead(m, attrFingerprint, 4), crc32.ChecksumIEEE(m)^fingerprintXor)
}

func answer(t *testing.T, data []byte, from netip.AddrPort, o Options) map[uint16]string {
	t.Helper()
	b, err := Answer(nil, data, from, o, 1000)
	if err != nil {
		t.Fatal(err)
	}
	if int(binary.BigEndian.Uint16(b[2:])) != len(b)-headerSize || len(b)%4 != 0 || !bytes.Equal(b[4:20], data[4:20]) {
		t.Fatalf("bad header %x", b)
	}
	got := map[uint16]string{0: hex.EncodeToString(b[:2])}
	for at := headerSize; at < len(b); {
		size := int(binary.BigEndian.Uint16(b[at+2:]))
		got[binary.BigEndian.Uint16(b[at:])] = string(b[at+4 : at+4+size])
		at += 4 + (size+3)&^3
	}
	return got
}

// The addresses and transaction id of RFC 5769 §2.2 and §2.3, whose XOR-MAPPED-ADDRESS values these are.
func TestXorMappedAddress(t *testing.T) {
	for _, c := range []struct{ from, want string }{
		{"192.0.2.1:32853", "0001a147e112a643"},
		{"[2001:db8:1234:5678:11:2233:4455:6677]:32853", "0002a1470113a9faa5d3f179bc25f4b5bed2b9d9"},
	} {
		got := answer(t, message(bindingRequest), netip.MustParseAddrPort(c.from), Options{})
		if diff := cmp.Diff(map[uint16]string{0: "0101", attrXorMapped: unhex(c.want)}, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.from, diff)
		}
	}
}

func unhex(s string) string { b, _ := hex.DecodeString(s); return string(b) }

func TestOptions(t *testing.T) {
	got := answer(t, message(bindingRequest), src, Options{RefreshMs: 258, Software: "ser", Fingerprint: true})
	if got[attrRefresh] != "\x00\x00\x01\x02" || got[attrSoftware] != "ser" {
		t.Errorf("got %v", got)
	}
	b, _ := Answer(nil, message(bindingRequest), src, Options{Fingerprint: true}, 1000)
	at := len(b) - 8
	if binary.BigEndian.Uint32(b[at+4:]) != crc32.ChecksumIEEE(b[:at])^fingerprintXor {
		t.Errorf("wrong FINGERPRINT in %x", b)
	}
}

// A client of RFC 3489 gets the address as it is, and nothing it could not know.
func TestClassicClient(t *testing.T) {
	old := append([]byte{0, 1, 0, 8}, "0123456789abcdef"...)
	old = append(old, attr(attrChangeRequest, "\x00\x00\x00\x00")...)
	got := answer(t, old, src, Options{RefreshMs: 0, Software: "ser", Fingerprint: true})
	if diff := cmp.Diff(map[uint16]string{0: "0101", attrMapped: "\x00\x01\x80\x55\xc0\x00\x02\x01"}, got); diff != "" {
		t.Error(diff)
	}
}

func TestUnknownAttributes(t *testing.T) {
	got := answer(t, message(bindingRequest, attr(0x0027, "1234"), attr(0x8027, "x"), attr(0x0002, "12345678")), src, Options{})
	want := map[uint16]string{0: "0111", attrErrorCode: "\x00\x00\x04\x14Unknown Attribute", attrUnknown: "\x00\x27\x00\x02"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	// To answer from elsewhere is for a server with several addresses.
	got = answer(t, message(bindingRequest, attr(attrChangeRequest, "\x00\x00\x00\x06")), src, Options{})
	if got[0] != "0111" || got[attrUnknown] != "\x00\x03" {
		t.Errorf("CHANGE-REQUEST: %v", got)
	}
	// Credentials are none of our business.
	if got := answer(t, message(bindingRequest, attr(0x0006, "user"), attr(0x0008, "12345678901234567890")), src, Options{}); got[0] != "0101" {
		t.Errorf("credentials: %v", got)
	}
}

func TestNoAnswer(t *testing.T) {
	good := sealed(message(bindingRequest, attr(attrSoftware, "client")))
	if _, err := Answer(nil, good, src, Options{}, 1000); err != nil {
		t.Fatal(err)
	}
	bad := bytes.Clone(good)
	bad[len(bad)-1] ^= 1
	early := message(bindingRequest, attr(attrFingerprint, "1234"), attr(attrSoftware, "behind"))
	for _, c := range []struct {
		name string
		data []byte
		want error
	}{
		{"nothing", nil, ErrMalformed},
		{"response", message(bindingSuccess), ErrNotBinding},
		{"indication", message(0x0011), ErrNotBinding},
		{"another method", message(0x0003), ErrNotBinding},
		{"truncated", good[:len(good)-4], ErrMalformed},
		{"longer than it says", append(bytes.Clone(good), 0, 0, 0, 0), ErrMalformed},
		{"attribute beyond the end", message(bindingRequest, []byte{0x80, 0x22, 0, 9, 1, 2, 3, 4}), ErrMalformed},
		{"odd length", message(bindingRequest, []byte{0}), ErrMalformed},
		{"fingerprint wrong", bad, ErrFingerprint},
		{"fingerprint not last", early, ErrFingerprint},
	} {
		if b, err := Answer([]byte("x"), c.data, src, Options{}, 1000); !errors.Is(err, c.want) || string(b) != "x" {
			t.Errorf("%s: %v, %q", c.name, err, b)
		}
	}
}

// An answer stays below what a forged source may be sent: what is optional goes first.
func TestBound(t *testing.T) {
	m := message(bindingRequest)
	o := Options{Software: "ser (1.0 (x86_64/linux))", Fingerprint: true, RefreshMs: 1}
	b, err := Answer(nil, m, src, o, 3*len(m))
	if err != nil || len(b) > 3*len(m) || bytes.Contains(b, []byte("ser")) {
		t.Errorf("%d bytes, %v", len(b), err)
	}
	if _, err := Answer(nil, m, src, o, len(m)); !errors.Is(err, ErrTooLarge) {
		t.Errorf("got %v", err)
	}
}

func TestNoAllocation(t *testing.T) {
	m, buf := message(bindingRequest, attr(0x0027, "1234")), make([]byte, 0, 512)
	o := Options{Software: "ser", Fingerprint: true, RefreshMs: 1}
	if n := testing.AllocsPerRun(100, func() { _, _ = Answer(buf, m, src, o, 512) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func FuzzAnswer(f *testing.F) {
	f.Add(message(bindingRequest))
	f.Add(sealed(message(bindingRequest, attr(attrSoftware, "client"))))
	f.Add(message(bindingRequest, attr(0x0027, "1234"), attr(0x0003, "\x00\x00\x00\x06")))
	f.Add(append([]byte{0, 1, 0, 0}, "0123456789abcdef"...))
	o := Options{Software: "ser (1.0 (x86_64/linux))", Fingerprint: true, RefreshMs: 30000}
	f.Fuzz(func(t *testing.T, data []byte) {
		b, err := Answer(nil, data, src, o, 3*len(data))
		switch {
		case err != nil && len(b) != 0:
			t.Errorf("an error and an answer")
		case err == nil && (len(b) > 3*len(data) || len(b) < headerSize || b[0] != 1):
			t.Errorf("%x gets %x", data, b)
		case err == nil:
			if _, again := Answer(nil, b, src, o, 1000); again == nil {
				t.Errorf("our own answer %x is answered", b)
			}
		}
	})
}
