package all

import (
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"goser/worker/module/moduletest"
)

// said runs statements on an INVITE and returns what they wrote.
func said(t *testing.T, head, body string) (string, *moduletest.Env) {
	t.Helper()
	env := serve(t, head+"\nloadmodule \"pv\"\nloadmodule \"xlog\"\nmodparam(\"xlog\", \"prefix\", \"\")\nrequest_route {\n"+body+"\n}\n", moduletest.Invite)
	return env.Text(), env
}

func TestKex(t *testing.T) {
	got, env := said(t, `loadmodule "kex"`, `
		setsflag("3"); setsflag(32); xlog("$rc $sf ");
		issflagset(3); xlog("$rc "); resetsflag("3"); issflagset(3); xlog("$rc ");
		$var(f) = 6; setbflag("$var(f)"); isbflagset("6"); xlog("$rc ");
		is_myself("sip:127.0.0.1"); xlog("$rc "); is_myself("sip:127.0.0.1:9"); xlog("$rc ");
		is_myself("127.0.0.1"); xlog("$rc "); is_myself("$ru"); xlog("$rc "); is_myself("sip:x@127.0.0.1;transport=tcp"); xlog("$rc ");
		is_myhost("sip:127.0.0.1:9"); xlog("$rc ");
		pv_printf("$var(x)", "<$rU>"); avp_printf("$avp(y)", "$var(x)!"); xlog("$avp(y) ");
		setdebug("3");
		$var(a) = $sruid; $var(b) = $sruid;
		if ($var(a) != $var(b) && $var(a) =~ "^srid-[0-9a-f]+-[0-9a-f]+-[0-9a-f]+$") xlog("unique");
	`)
	want := "-1 8 1 -1 1 1 -1 1 -1 -1 1 <bob>! unique"
	if got = strings.ReplaceAll(got, "\n", ""); got != want || env.Debug != 3 {
		t.Errorf("%q, debug %d; log %s", got, env.Debug, env.Errors())
	}
}

func TestCorex(t *testing.T) {
	file := filepath.Join(t.TempDir(), "f")
	got, env := said(t, `loadmodule "corex"
modparam("corex", "alias_subdomains", "sub.example.net")`, `
		send_udp("192.0.2.9:9"); xlog("$rc "); send_data("sip:192.0.2.8:8", "text"); xlog("$rc ");
		sendx("sip:192.0.2.7", "udp:127.0.0.1:5060", "x"); xlog("$rc "); send_data("sip:192.0.2.8;transport=tcp", "x"); xlog("$rc ");
		set_source_address("udp:192.0.2.5:55"); xlog("$rc $si:$sp "); set_source_address("host:1"); xlog("$rc $si ");
		set_recv_socket("udp:[::1]:5060"); xlog("$rc $Ri "); set_recv_socket("udp:10.0.0.1:1"); xlog("$rc $Ri ");
		setxflag("63"); isxflagset(63); xlog("$rc "); resetxflag("63"); isxflagset(63); xlog("$rc "); setxflag("64"); xlog("$rc ");
		msg_iflag_set("USE_UAC_TO"); msg_iflag_is_set("USE_UAC_TO"); xlog("$rc "); msg_iflag_is_set("USE_UAC_FROM"); xlog("$rc ");
		file_write("`+file+`", "in file"); xlog("$rc "); file_read("`+file+`", "$var(x)"); xlog("$rc $var(x) ");
		file_read("`+filepath.Dir(file)+`", "$var(x)"); xlog("$rc ");
		$var(s) = "udp:[::1]:5061"; xlog("$(var(s){sock.host}) $(var(s){sock.touri}) ");
		xlog("$cfg(route) "); if ($cfg(line) > 6) xlog("line ");
		$ru = "sip:a@b.sub.example.net"; if (uri == myself) xlog("mine ");
		$ru = "sip:a@xsub.example.net"; if (uri == myself) xlog("wrong ");
		append_branch(); xlog("$rc ");
	`)
	want := "1 1 1 -1 1 192.0.2.5:55 -1 192.0.2.5 1 ::1 1 ::1 1 -1 -1 1 -2 1 1 in file -1 [::1] sip:[::1]:5061;transport=udp DEFAULT_ROUTE line mine 1 "
	if got = strings.ReplaceAll(got, "\n", ""); got != want {
		t.Errorf("%q; log %s", got, env.Errors())
	}
	if len(env.Raw) != 1 || env.Raw[0].Host != "192.0.2.9" || env.Raw[0].Port != 9 {
		t.Errorf("send_udp: %+v", env.Raw)
	}
	if len(env.Sends) != 2 || env.Sends[0].To != netip.MustParseAddrPort("192.0.2.8:8") || env.Sends[0].Data != "text" ||
		env.Sends[1].From == nil || env.Sends[1].To.Port() != 5060 {
		t.Errorf("%+v", env.Sends)
	}
	if data, _ := os.ReadFile(file); string(data) != "in file" {
		t.Errorf("%q", data)
	}
	if !strings.Contains(env.Errors(), "no such socket") {
		t.Errorf("a socket that is not there is not in the log: %s", env.Errors())
	}
}

// The answers are those of Kamailio 5.6.3: avpops_calls and its like in
// scripts/interop.
func TestAvpops(t *testing.T) {
	got, env := said(t, `loadmodule "avpops"`, `
		$avp(a) = "one"; $avp(a) = "two"; $avp(n) = 5; $avp(n) = 7; $avp(z) = "sip:zed@zed.com"; $avp(y) = "sip:y1@x"; $avp(y) = "sip:y2@x";
		is_avp_set("$avp(a)/s"); xlog("$rc "); is_avp_set("$avp(a)/n"); xlog("$rc "); is_avp_set("$avp(none)"); xlog("$rc ");
		avp_check("$avp(a)", "eq/one"); xlog("$rc "); avp_check("$avp(a)", "eq/one/g"); xlog("$rc "); avp_check("$avp(a)", "eq/TWO/i"); xlog("$rc ");
		avp_check("$avp(a)", "re/^T"); xlog("$rc "); avp_check("$avp(a)", "fm/t*"); xlog("$rc "); avp_check("$avp(n)", "gt/i:8"); xlog("$rc ");
		avp_check("$avp(n)", "eq/7"); xlog("$rc "); avp_check("$rU", "eq/bob"); xlog("$rc "); avp_check("$avp(a)", "eq/$avp(a)"); xlog("$rc\n");
		avp_copy("$avp(a)", "$avp(c)/g"); xlog("$rc $(avp(c)[*]) "); avp_copy("$avp(c)", "$avp(g)/gd"); xlog("$(avp(c)[*]) $(avp(g)[*]) ");
		avp_copy("$avp(n)", "$avp(s)/s"); avp_copy("$avp(none)", "$avp(d)"); xlog("$rc $avp(s)\n");
		avp_op("$avp(n)", "add/i:3"); xlog("$rc $(avp(n)[*]) "); avp_op("$avp(a)", "add/i:1"); xlog("$rc\n");
		avp_delete("$avp(a)"); xlog("$rc $(avp(a)[*]) "); avp_delete("$avp(n)/g"); avp_delete("$avp(n)"); xlog("$rc\n");
		$avp(t) = "one"; $avp(t) = "two two"; avp_subst("$avp(t)", "/two/2/"); xlog("$(avp(t)[*]) "); avp_subst("$avp(t)", "/two/2/g"); xlog("$(avp(t)[*]) ");
		avp_subst("$avp(t)/g", "/[0-9]|o/X/"); xlog("$(avp(t)[*]) "); avp_subst("$avp(t)/$avp(u)", "/X(.)/<\\1\\0$rU>/"); xlog("$(avp(t)[*]) $(avp(u)[*]) ");
		avp_subst("$avp(t)/$avp(v)/gd", "/x/y/i"); xlog("$(avp(t)[*]) $(avp(v)[*]) "); avp_subst_pv("$avp(v)", "/y/$rU/"); xlog("$rc $(avp(v)[*])\n");
		avp_pushto("$ru", "$avp(z)"); avp_pushto("$ru/username", "$avp(g)"); avp_pushto("$ru/domain", "$avp(g)"); xlog("$rc $ru ");
		avp_pushto("$du", "$avp(z)"); avp_pushto("$br", "$avp(y)"); avp_pushto("$br", "$avp(y)/g"); avp_pushto("$ru", "$fu"); xlog("$rc $ru $du $branch(count) ");
		avp_pushto("$ru", "$avp(none)"); xlog("$rc");
	`)
	want := `1 -1 -1 -1 1 1 1 1 -1 -1 1 1
1 one, two <null> two, one -1 7
1 8, 10, 7, 5 -1
1 one -1
2 two, one 2 2, one Xne, X 2 Xne, X 2 <nXnbob>e <null> y 2, yne 1 bob 2, yne
1 sip:two@two 1 sip:alice@example.org:5062 sip:zed@zed.com 3 -1`
	// Each xlog is a line of its own here.
	got = strings.ReplaceAll(strings.ReplaceAll(got, "\n\n", "|"), "\n", "")
	if got = strings.ReplaceAll(got, "|", "\n"); got != want {
		t.Errorf("got\n%s\nwant\n%s\nlog %s", got, want, env.Errors())
	}
}

// In messages, with variables: see siputils_encode and its like in scripts/interop.
func TestContacts(t *testing.T) {
	got, env := said(t, `loadmodule "siputils" loadmodule "textops" loadmodule "textopsx"
modparam("siputils", "rpid_avp", "$avp(id)")`, `
		encode_contact("pre", "10.0.0.1"); xlog("$rc "); msg_apply_changes(); xlog("$ct ");
		decode_contact_header(); xlog("$rc "); msg_apply_changes(); xlog("$ct "); decode_contact_header(); xlog("$rc\n");
		contact_param_encode("enc", "sip:sbc@10.0.0.2"); xlog("$rc "); msg_apply_changes(); xlog("$ct ");
		contact_param_decode("enc"); xlog("$rc "); msg_apply_changes(); xlog("$ct\n");
		$ru = "sip:pre*alice*pw*192.0.2.1*5070*tcp@10.0.0.1;x=y"; decode_contact(); xlog("$rc $ru "); decode_contact(); xlog("$rc ");
		$ru = "sip:sbc@10.0.0.2;enc=c2lwOmFAYg"; contact_param_decode_ruri("enc"); xlog("$rc $ru ");
		$ru = "sip:sbc@10.0.0.2;enc=!!"; contact_param_decode_ruri("enc"); xlog("$rc ");
		$ru = "sip:sbc@10.0.0.2;enc=eA0KeDoK"; contact_param_decode_ruri("enc"); xlog("$rc\n");
		is_gruu("sip:a@b;gr=x"); xlog("$rc "); is_gruu("sip:a@b;gr"); xlog("$rc "); is_gruu("sip:a@b"); xlog("$rc "); is_gruu("junk"); xlog("$rc ");
		hdr_date_check(10); xlog("$rc "); append_hf("Date: Wed, 01 Jul 2026 12:00:05 GMT\r\n"); msg_apply_changes(); hdr_date_check(10); xlog("$rc "); hdr_date_check(4); xlog("$rc ");
		append_rpid_hf(); xlog("$rc "); $avp(id) = "sip:+12345@h"; append_rpid_hf("<", ">"); is_rpid_user_e164(); xlog("$rc "); msg_apply_changes(); xlog("$hdr(Remote-Party-ID) ");
		$avp(id) = "+12345"; is_rpid_user_e164(); xlog("$rc ");
		regex_substring("a-12-b", "([a-z])-([0-9]+)", 2, 3, "$var(x)"); xlog("$rc $var(x) "); $var(p) = "^rem"; is_present_hf_re_pv("$var(p)"); xlog("$rc ");
		remove_hf_re_pv("$var(p)"); xlog("$rc ");
	`)
	want := `1 <sip:pre*alice**192.0.2.1*5070*@10.0.0.1>;q=0.7;expires=60 1 <sip:alice@192.0.2.1:5070>;q=0.7;expires=60 -26
1 <sip:sbc@10.0.0.2;enc=c2lwOmFsaWNlQDE5Mi4wLjIuMTo1MDcw>;q=0.7;expires=60 1 <sip:alice@192.0.2.1:5070>;q=0.7;expires=60
1 sip:alice:pw@192.0.2.1:5070;transport=tcp;x=y -26 1 sip:a@b -1 -1
1 2 -1 -1 -1 1 -4 -1 1 <sip:+12345@h> -1 1 12 1 1 `
	got = strings.ReplaceAll(strings.ReplaceAll(got, "\n\n", "|"), "\n", "")
	if got = strings.ReplaceAll(got, "|", "\n"); got != want {
		t.Errorf("got\n%s\nwant\n%s\nlog %s", got, want, env.Errors())
	}
}

func TestHold(t *testing.T) {
	for body, want := range map[string]string{
		"v=0\nm=audio 1 RTP/AVP 0\na=sendonly\n":                          "2",
		"v=0\na=inactive\nm=audio 1 RTP/AVP 0\n":                          "2",
		"v=0\na=inactive\nm=audio 1 RTP/AVP 0\na=sendrecv\n":              "-1",
		"v=0\nc=IN IP4 0.0.0.0\nm=audio 1 RTP/AVP 0\n":                    "1",
		"v=0\nc=IN IP4 0.0.0.0\nm=audio 1 RTP/AVP 0\nc=IN IP4 10.0.0.1\n": "-1",
		"v=0\nm=video 1 RTP/AVP 0\na=sendonly\nm=audio 1 RTP/AVP 0\n":     "-1",
		"v=0\nm=audio 1 RTP/AVP 0\nm=video 1 RTP/AVP 0\na=sendonly\n":     "-1",
		"v=0\nm=video 1 RTP/AVP 0\na=sendonly\n":                          "-1",
		"":                                                                "-1",
	} {
		msg := strings.Replace(strings.Replace(moduletest.Invite, "Content-Length: 4\n", "", 1), "v=0\n", body, 1)
		env := serve(t, "loadmodule \"pv\" loadmodule \"xlog\" loadmodule \"textops\"\nrequest_route { is_audio_on_hold(); xlog(\"$rc\"); }", msg)
		if env.Text() != want {
			t.Errorf("%q: %s", body, env.Text())
		}
	}
}

// The answers are those of Kamailio 5.6.3.
func TestCounters(t *testing.T) {
	got, env := said(t, `loadmodule "counters" loadmodule "statistics"
modparam("counters", "script_cnt_grp_name", "mine")
modparam("counters", "script_counter", "one the first")
modparam("counters", "script_counter", "grp.two")
modparam("statistics", "variable", "calls")
modparam("statistics", "variable", "keeps/no_reset")`, `
		cnt_inc("one"); cnt_inc("mine.one"); cnt_add("one", "5"); cnt_add("grp.two", 2); $var(n) = 3; cnt_add("grp.two", "$var(n)");
		xlog("$rc $stat(one) $stat(two) $stat(nope) "); cnt_reset("one"); $var(c) = "one"; cnt_inc("$var(c)"); xlog("$stat(mine.one) ");
		$var(c) = "nope"; cnt_inc("$var(c)"); xlog("$rc ");
		update_stat("calls", "+1"); update_stat("calls", "5"); update_stat("calls", "-2"); update_stat("keeps", "+3"); reset_stat("keeps");
		xlog("$stat(calls) $stat(keeps) "); reset_stat("calls"); xlog("$stat(calls)");
	`)
	if got = strings.ReplaceAll(got, "\n", ""); got != "1 7 5 <null> 1 -1 4 3 0" {
		t.Errorf("%q; log %s", got, env.Errors())
	}
}
