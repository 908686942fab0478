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
