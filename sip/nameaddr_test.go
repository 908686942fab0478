package sip

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func TestParseNameAddr(t *testing.T) {
	for in, want := range map[string]NameAddr{
		"<sip:a@b>;tag=1":          {URI: "sip:a@b", Params: ";tag=1", Tag: "1", Bracketed: true},
		"sip:a@b;user=phone":       {URI: "sip:a@b", Params: ";user=phone"},
		"sip:a@b ; Tag = x ; y":    {URI: "sip:a@b", Params: "; Tag = x ; y", Tag: "x"},
		"caller<sip:c@d>;tag=323":  {Display: "caller", URI: "sip:c@d", Params: ";tag=323", Tag: "323", Bracketed: true},
		"A. Bell  <sip:c@d;x=;>":   {Display: "A. Bell", URI: "sip:c@d;x=;", Bracketed: true},
		`"a, \"<;>" <sip:c,d@e>`:   {Display: `"a, \"<;>"`, URI: "sip:c,d@e", Bracketed: true},
		`""<tel:1>;a="x;tag=2"`:    {Display: `""`, URI: "tel:1", Params: `;a="x;tag=2"`, Bracketed: true},
		"Жа <sip:c@d>":             {Display: "Жа", URI: "sip:c@d", Bracketed: true},
		"<sip:a@b>;tag=1;tag=2":    {URI: "sip:a@b", Params: ";tag=1;tag=2", Tag: "1", Bracketed: true},
		"*":                        {URI: "*"},
		"<>":                       {Bracketed: true},
		"\"x\"\r\n <sip:y>\r\n ;a": {Display: `"x"`, URI: "sip:y", Params: ";a", Bracketed: true},
	} {
		var na NameAddr
		if err := ParseNameAddr(in, &na); err != nil {
			t.Errorf("%q: %v", in, err)
		}
		if d := cmp.Diff(want, na, cmpopts.IgnoreFields(NameAddr{}, "URIStart", "ParamsEnd")); d != "" {
			t.Errorf("%q (-want +got):\n%s", in, d)
		}
		if in[na.URIStart:na.URIStart+len(na.URI)] != na.URI {
			t.Errorf("%q: URI is not at %d", in, na.URIStart)
		}
	}
}

func TestParseNameAddrRefuses(t *testing.T) {
	for in, want := range map[string]error{
		"": errAddrEmpty, " \t": errAddrEmpty, ";tag=1": errAddrEmpty, `"a <sip:b@c>`: errAddrQuote, `"a" sip:b`: errAddrOpen,
		`"a"`: errAddrOpen, "<sip:a": errAddrClose, "Bell, A <sip:a@b>": errAddrDisplay, "a b": errAddrDisplay,
		"sip:a@b,sip:c": errAddrDisplay, "<sip:a>x": errAddrEnd, "<sip:a>,<sip:b>": errAddrEnd,
		"<sip:a>;": errParamName, "<sip:a>;;b": errParamName, `<sip:a>;b="c`: errParamQuote, "<sip:a>;b=c d": errAddrEnd,
		`a\b <sip:c>`: errAddrDisplay,
	} {
		var na NameAddr
		if err := ParseNameAddr(in, &na); err != want {
			t.Errorf("%q: %v, want %v", in, err, want)
		}
	}
}

func TestParam(t *testing.T) {
	const params = `;a;B = "x\";c" ; d=[::1];e=`
	for name, want := range map[string]string{"a": "", "b": `"x\";c"`, "D": "[::1]", "e": ""} {
		if got, ok := Param(params, name); got != want || !ok {
			t.Errorf("%s: %q %v", name, got, ok)
		}
	}
	if _, ok := Param(params, "c"); ok {
		t.Error("found c inside quotes")
	}
	if v, ok := Param("x=1;y=2", "y"); v != "2" || !ok {
		t.Errorf("without leading semicolon: %q %v", v, ok)
	}
	if v, ok := Param(" x=1;y=2", "x"); v != "1" || !ok {
		t.Errorf("behind a blank, without leading semicolon: %q %v", v, ok)
	}
	if v, ok := Param(" ;x=1;y=2", "y"); v != "2" || !ok {
		t.Errorf("behind a blank: %q %v", v, ok)
	}
	var names string
	EachParam(params, func(name, _ string) bool { names += name; return name != "d" })
	if names != "aBd" {
		t.Errorf("EachParam: %q", names)
	}
	if got := string(AppendUnquoted(nil, `"a\"b\\"`)); got != `a"b\` {
		t.Errorf("unquoted: %q", got)
	}
}
