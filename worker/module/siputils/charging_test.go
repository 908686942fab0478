package siputils

import (
	"strings"
	"testing"

	"goser/sip"
	"goser/worker/module"
	"goser/worker/module/moduletest"
)

// charged is a request with these header lines, on which sip_p_charging_vector was called with each mode.
func charged(t testing.TB, lines string, modes ...string) (c *module.Ctx, sent string) {
	t.Helper()
	c = moduletest.New(t).Request(strings.Replace(moduletest.Options, "CSeq:", lines+"CSeq:", 1))
	for _, mode := range modes {
		if rc := moduletest.Call(t, c, functions(), "sip_p_charging_vector", mode); rc != 1 {
			t.Errorf("mode %q: %d, want 1", mode, rc)
		}
	}
	return c, string(c.Edits.AppendTo(nil, &c.SIP))
}

// RFC 7315 §4.6.1: one value, and what somebody else made stays what it is.
func TestChargingVector(t *testing.T) {
	const theirs = "P-Charging-Vector: icid-value=theirs;orig-ioi=o\r\n"
	for _, tt := range []struct {
		name, lines string
		modes       []string
		want        string // icid-value of the only header that is sent: "" none, "new" made here
	}{
		{"made", "", []string{"g"}, "new"},
		{"left", theirs, []string{"g"}, "theirs"},
		{"removed", theirs, []string{"r"}, ""},
		{"all of them removed", theirs + strings.ToLower(theirs), []string{"R"}, ""},
		{"replaced", theirs, []string{"f"}, "new"},
		{"both letters", theirs, []string{"gr"}, "new"},
		{"twice", "", []string{"g", "g", "f"}, "new"},
		{"removed, made", theirs, []string{"r", "f"}, "new"},
		{"no icid-value", "P-Charging-Vector: orig-ioi=o\r\n", []string{"g"}, "new"},
		{"unreadable", "P-Charging-Vector: ;;\x01\r\n", []string{"g"}, "new"},
		{"empty", "P-Charging-Vector:\r\n", []string{"g"}, "new"},
		{"no mode", "", []string{"", "x"}, ""},
	} {
		c, sent := charged(t, tt.lines, tt.modes...)
		var m sip.Msg
		if err := m.Parse(sent); err != nil {
			t.Fatalf("%s: %v\n%s", tt.name, err, sent)
		}
		h := m.ByName(chargingHeader)
		if h == nil {
			if tt.want != "" {
				t.Errorf("%s: there is none", tt.name)
			}
			continue
		}
		got, _ := sip.Param(h.Body, icidValue)
		if len(got) == 32 && strings.Trim(got, "0123456789ABCDEF") == "" {
			if v := c.Text(pcv(c, "value")); v != got {
				t.Errorf("%s: $pcv(value) is %q, sent was %q", tt.name, v, got)
			}
			got = "new"
		}
		if got != tt.want || m.NextByName(h) != nil {
			t.Errorf("%s: %q, want %q alone in\n%s", tt.name, got, tt.want, sent)
		}
	}
}

func pcv(c *module.Ctx, name string) module.Value {
	fixed, _ := prepareCharging(name)
	return chargingVar(c, &module.Ref{Fixed: fixed})
}

// What was made for a message is not seen in the next one, nor when the message was made anew.
func TestChargingVectorIsOfOneMessage(t *testing.T) {
	e := moduletest.New(t)
	c := e.Request(moduletest.Options)
	moduletest.Call(t, c, functions(), "sip_p_charging_vector", "g")
	first := strings.Clone(c.Text(pcv(c, "value")))
	if err := c.Apply(); err != nil {
		t.Fatal(err)
	}
	if got := c.Text(pcv(c, "value")); got != first {
		t.Errorf("%q when applied, %q before", got, first)
	}
	if got := c.Text(pcv(c, "all")); strings.HasPrefix(got, chargingHeader) {
		t.Errorf("all is %q of a header that the message has", got)
	}
	c.Reset()
	e.Load(c, moduletest.Options)
	if v := pcv(c, "all"); v.Kind != module.KindUndef {
		t.Errorf("the next message has %q", v.Str)
	}
	moduletest.Call(t, c, functions(), "sip_p_charging_vector", "g")
	if got := c.Text(pcv(c, "value")); got == first {
		t.Errorf("%q twice", got)
	}
}

// A user counts when somebody has checked the credentials.
func TestIsUser(t *testing.T) {
	c := request(t)
	if rc := call(t, c, "is_user", ""); rc != -1 || c.Why() == "" {
		t.Errorf("nobody was authenticated: %d", rc)
	}
	for user, want := range map[string]int{"joe": 1, "Joe": -1, "": -1, "joe@r": -1} {
		if c.AuthUser = "joe"; call(t, c, "is_user", user) != want {
			t.Errorf("is_user(%q) is not %d", user, want)
		}
	}
	if c.Reset(); c.AuthUser != "" {
		t.Error("the next message has the user of this one")
	}
}
