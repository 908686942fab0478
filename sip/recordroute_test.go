package sip

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const recordMsg = "INVITE sip:b@h SIP/2.0\r\nVia: SIP/2.0/UDP c;branch=z9hG4bKa\r\nCSeq: 1 INVITE\r\nContent-Length: 0\r\n\r\n"

func recorded(t testing.TB, r RecordRoute, change func(*Edits, EditID), via OwnVia) string {
	var m Msg
	var e Edits
	if err := m.Parse(recordMsg); err != nil {
		t.Fatal(err)
	}
	r.Line, r.Host = "Record-Route: <sip:u@"+r.Line, len("Record-Route: <sip:u@")
	id := e.InsertRecordRoute(m.HeadersStart(), r)
	if change != nil {
		change(&e, id)
	}
	via.Branch = "z9hG4bKb"
	head, _, _ := strings.Cut(string(AppendForward(nil, &m, &e, &Forward{Via: via})), "Via:")
	return strings.TrimPrefix(head, "INVITE sip:b@h SIP/2.0\r\n")
}

func TestRecordRoute(t *testing.T) {
	udp := func(by string, socket int) OwnVia { return OwnVia{Transport: "UDP", SentBy: by, Socket: socket} }
	one := "Record-Route: <sip:u@a:1;lr>\r\n"
	two := "Record-Route: <sip:u@b:2;r2=on;lr>\r\nRecord-Route: <sip:u@a:1;r2=on;lr>\r\n"
	tcp := "Record-Route: <sip:u@a:1;transport=tcp;r2=on;lr>\r\nRecord-Route: <sip:u@a:1;r2=on;lr>\r\n"
	for _, tc := range []struct {
		name   string
		socket int
		d      Double
		via    OwnVia
		want   string
	}{
		{"same socket", 1, DoubleDiffers, udp("a:1", 1), one},
		{"same socket, advertised by another name", 1, DoubleDiffers, udp("b:2", 1), one},
		{"another socket", 1, DoubleDiffers, udp("b:2", 2), two},
		{"unknown, same text", 0, DoubleDiffers, udp("A:1", 2), one},
		{"unknown, another text", 0, DoubleDiffers, udp("b:2", 2), two},
		{"unknown way out", 1, DoubleDiffers, udp("b:2", 0), two},
		{"another transport", 0, DoubleDiffers, OwnVia{Transport: "TCP", SentBy: "a:1"}, tcp},
		{"never", 1, DoubleNever, udp("b:2", 2), one},
		{"always", 1, DoubleAlways, udp("b:2", 1), two},
		{"same transport counts only", 1, DoubleTransport, udp("b:2", 2), one},
		{"transport counts only", 1, DoubleTransport, OwnVia{Transport: "TCP", SentBy: "b:2", Socket: 2}, tcp},
	} {
		got := recorded(t, RecordRoute{Line: "a:1", Params: ";lr", Socket: tc.socket, Double: tc.d}, nil, tc.via)
		if d := cmp.Diff(tc.want, got); d != "" {
			t.Errorf("%s (-want +got):\n%s", tc.name, d)
		}
	}
}

func TestRecordRouteChanged(t *testing.T) {
	via := OwnVia{Transport: "UDP", SentBy: "b:2", Socket: 2}
	r := RecordRoute{Line: "a:1", Params: ";lr", Socket: 1, Double: DoubleDiffers}
	got := recorded(t, r, func(e *Edits, id EditID) {
		if !e.SetRecordParams(id, ";lr;x") || e.SetRecordParams(id+1, ";y") || e.SetRecordParams(0, ";y") {
			t.Error("SetRecordParams finds the wrong ones")
		}
	}, via)
	if want := "Record-Route: <sip:u@b:2;r2=on;lr;x>\r\nRecord-Route: <sip:u@a:1;r2=on;lr;x>\r\n"; got != want {
		t.Error(got)
	}
	got = recorded(t, r, func(e *Edits, id EditID) {
		if !e.DropRecordRoute(id) || e.DropRecordRoute(id) || e.SetRecordParams(id, ";y") {
			t.Error("DropRecordRoute drops the wrong ones")
		}
	}, via)
	if got != "" {
		t.Errorf("left after it was dropped: %q", got)
	}
}

// A message that is not sent on (msg_apply_changes) has one entry.
func TestRecordRouteNotSent(t *testing.T) {
	var m Msg
	var e Edits
	if err := m.Parse(recordMsg); err != nil {
		t.Fatal(err)
	}
	e.InsertRecordRoute(m.HeadersStart(), RecordRoute{Line: "Record-Route: <sip:a", Host: 19, Params: ";lr", Double: DoubleAlways})
	if got := string(e.AppendTo(nil, &m)); strings.Count(got, "Record-Route: <sip:a;lr>\r\n") != 1 {
		t.Error(got)
	}
}
