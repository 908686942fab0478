package module_test

import (
	"testing"

	"goser/sip"
	"goser/worker/module"
	"goser/worker/module/moduletest"
)

func TestPhone(t *testing.T) {
	e := moduletest.New(t)
	c := &module.Ctx{Env: e}
	for _, k := range []struct {
		uri, user, params string
		off, phone        bool
	}{
		{uri: "sip:+1;ext=5;a=b@h;user=phone", user: "+1", params: "ext=5;a=b", phone: true},
		{uri: "sips:+1;ext=5@h;user=PHONE", user: "+1", params: "ext=5", phone: true},
		{uri: "sip:+1@h;x=y;user=phone", user: "+1", phone: true},
		{uri: "sip:+1;ext=5@h;user=ip", user: "+1;ext=5"},
		{uri: "sip:+1;user=phone@h", user: "+1;user=phone"},
		{uri: "tel:+1;ext=5", user: "+1"},
		{uri: "sip:+1;ext=5@h;user=phone", user: "+1;ext=5", off: true},
	} {
		e.Conf().Phone2tel = !k.off
		var u sip.URI
		if err := sip.ParseURI(k.uri, &u); err != nil {
			t.Fatal(err)
		}
		_, params, phone := c.Phone(&u)
		if user := c.URIUser(&u); user != k.user || params != k.params || phone != k.phone {
			t.Errorf("%s (off %v): user %q, params %q, phone %v", k.uri, k.off, user, params, phone)
		}
	}
}
