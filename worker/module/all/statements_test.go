package all

import (
	"fmt"
	"slices"
	"strings"

	"goser/cfg/check"
	"goser/worker/module"
)

// elsewhere are modules whose functions need a conversation: they have tests of their own for damaged messages.
var elsewhere = []string{"tm", "tmx"}

// harmful functions stop the process, wait, start programs or write files; forward_reply needs the unnamed onreply_route.
var harmful = []string{"abort", "exec", "file_write", "forward_reply", "pause", "sleep", "usleep"}

// special are forms of what the kinds of the arguments do not tell.
var special = map[string][]string{
	"avp_check()":                {`$avp(x) = $ct; avp_check("$avp(x)", "re/a.*b/g");`, `$avp(x) = $hdr(Subject); avp_check("$avp(x)", "eq/$ru/i");`},
	"avp_db_load()":              {`avp_db_load("$ru", "*");`, `avp_db_load("$hdr(Subject)/username", "$avp(x)");`, `avp_db_load("$ct", "$avp(i:7)/$tU");`},
	"avp_db_store()":             {`$avp(x) = $mb; avp_db_store("$fu", "$avp(x)"); avp_db_delete("$fu", "$avp(x)");`, `$avp(x) = $ct; avp_db_store("$hdr(Subject)", "a"); avp_db_delete("$hdr(Subject)", "a");`},
	"avp_db_delete()":            {`avp_db_delete("$fu", "*");`, `avp_db_delete("$hdr(Subject)", "s");`},
	"avp_db_query()":             {`avp_db_query("select value from avps where username='$hdr(Subject)'", "$avp(x)");`, `avp_db_query("$mb", "$avp(x);$avp(y)");`, `avp_db_query("select $ru from $fU");`},
	"avp_op()":                   {`$avp(x) = $ml; avp_op("$avp(x)", "div/i:0");`, `$avp(x) = $ct; $avp(y) = $ml; avp_op("$avp(x)", "add/$avp(y)");`},
	"avp_subst()":                {`$avp(x) = $mb; avp_subst("$avp(x)", "/(.*)a(.*)/\\2$fu\\1/g");`},
	"set_gflag()":                {"set_gflag(3);"},
	"reset_gflag()":              {"reset_gflag(3);"},
	"is_gflag()":                 {"is_gflag(3);"},
	"lock()":                     {`lock("$ru"); unlock("$ru");`},
	"trylock()":                  {`trylock("$ru"); unlock("$ru");`},
	"unlock()":                   {`lock("$rb"); unlock("$rb");`},
	"setavpflag()":               {`setavpflag($f, f);`},
	"resetavpflag()":             {`resetavpflag($f, f);`},
	"isavpflagset()":             {`isavpflagset($f, f);`},
	"cfg_select()":               {`cfg_select("mine", 1);`},
	"cfg_reset()":                {`cfg_reset("mine");`},
	"@cfg_get":                   {"$var(x) = @cfg_get.mine.x;"},
	"msg_iflag_set()":            {`msg_iflag_set("USE_UAC_FROM");`},
	"msg_iflag_reset()":          {`msg_iflag_reset("USE_UAC_FROM");`},
	"msg_iflag_is_set()":         {`msg_iflag_is_set("USE_UAC_FROM");`},
	"typeof()":                   {`typeof($hdr(Subject), "str");`},
	"pcre_match_group()":         {`pcre_match_group("$mb");`, `pcre_match_group("$hdr(Subject)", 1);`},
	"is_direction()":             {`is_direction("downstream");`},
	"update_stat()":              {`update_stat("mine", "+1");`},
	"reset_stat()":               {`reset_stat("mine");`},
	"is_privacy()":               {`is_privacy("id");`},
	"replace_str()":              {`replace_str("a", "$ru", "a");`},
	"replace_hdrs_str()":         {`replace_hdrs_str("$fU", "b", "a");`},
	"replace_body_str()":         {`replace_body_str("a", "$mb", "f");`},
	"change_reply_status()":      {`change_reply_status(499, "$mb");`},
	"change_reply_status_code()": {`change_reply_status_code(499);`},
	"remove_hf_value2()":         {`remove_hf_value2("Contact.x");`},
	"assign_hf_value2()":         {`assign_hf_value2("Authorization.realm", "$mb");`},
}

// statement is one thing to try, in the forms that might be accepted.
type statement struct {
	name  string
	forms []string
}

func statements() []statement {
	var all []statement
	for _, m := range module.All() {
		if slices.Contains(elsewhere, m.Name) {
			continue
		}
		for i := range m.Funcs {
			if f := &m.Funcs[i]; f.Missing == "" && !slices.Contains(harmful, f.Name) {
				all = append(all, statement{f.Name + "()", calls(f)})
			}
		}
		for i := range m.Vars {
			all = append(all, statement{"$" + m.Vars[i].Name, uses(&m.Vars[i])})
		}
		for i := range m.Trans {
			all = append(all, statement{"{" + m.Trans[i].Class + "." + m.Trans[i].Name + "}", transformed(&m.Trans[i])})
		}
		for i := range m.Selects {
			all = append(all, statement{"@" + m.Selects[i].Root, selected(&m.Selects[i])})
		}
	}
	for i := range all {
		all[i].forms = append(all[i].forms, special[all[i].name]...)
	}
	return all
}

// Arguments by their kind: constants, and what a stranger chooses.
var arguments = map[check.ArgKind][]string{
	check.ArgInt:         {"1", "0", "5", "200", "-1"},
	check.ArgIntVar:      {"1", "$ml", "0", "$(hdr(CSeq){s.int})", "-1"},
	check.ArgStr:         {`"x"`, `"$avp(x)"`, `"$ru"`, `"Contact"`, `"/a(.)/\\1\\1/g"`, `"R"`, `"$var(x)"`, `"application/sdp"`, `"all"`, `"sip:a@b"`, `"s"`},
	check.ArgStrVar:      {`"x"`, `$ru`, `$hdr(Contact)`, `"/a(.)/\\1\\1/g"`, `$rb`, `"application/sdp"`, `$mb`, `$hdr(Subject)`, `"a"`},
	check.ArgFormat:      {`"Contact"`, `"$ru"`, `"$mb"`, `"$hdr(Contact)"`, `"$rb"`, `"/(.+)a/$fu/g"`, `"sip:$fU@$fd"`, `"$hdr(Subject)"`},
	check.ArgRegex:       {`"(.*)a(.*)"`, `"[^,]*$"`},
	check.ArgRegexFormat: {`"(.*)a(.*)"`, `"$hdr(Subject)"`, `"$ru"`, `"$rb"`},
	check.ArgFlag:        {"1"},
	check.ArgFlagVar:     {"1", "$ml"},
	check.ArgAVPFlag:     {"f"},
	check.ArgVar:         {"$ru", "$mb", "$hdr(Contact)", "$rb", "$avp(x)"},
	check.ArgWritable:    {"$var(x)", "$avp(x)", "$ru"},
	check.ArgSocket:      {"udp:127.0.0.1:5060"},
	check.ArgHost:        {"uri:host", "127.0.0.1"},
	check.ArgPort:        {"uri:port", "5060"},
	check.ArgProto:       {"UDP"},
	check.ArgRoute:       {`"R"`},
	check.ArgAVP:         {"$f", `"x"`},
	check.ArgExpr:        {"$ru", "$mb", "1", `"x"`, "$rb"},
}

// calls are calls of a function, with every number of arguments.
func calls(f *module.Func) (forms []string) {
	least := f.MinArgs
	if least == module.AllArgs {
		least = len(f.Args)
	}
	for n := least; n <= len(f.Args); n++ {
		for k := range 9 {
			args := make([]string, n)
			for i := range args {
				pool := arguments[f.Args[i].Kind]
				if len(pool) == 0 {
					return nil
				}
				args[i] = pool[(k+i*k/3)%len(pool)]
			}
			text := fmt.Sprintf(`$avp(x) = $ct; $var(x) = $mb; %s(%s);`, f.Name, strings.Join(args, ", "))
			if !slices.Contains(forms, text) {
				forms = append(forms, text)
			}
		}
	}
	return forms
}

// uses are reads of a variable and, if it can be written, writes.
func uses(v *module.Var) (forms []string) {
	inner := []string{""}
	if v.Inner != check.InnerNone {
		inner = []string{"Contact", "a", "1", "x=>y", "$hdr(Subject)", "$ru", "all", "uri", "-1"}
		inner = append(inner, v.Names...)
	}
	for _, in := range inner {
		name := v.Name
		if in != "" {
			name += "(" + in + ")"
		}
		forms = append(forms, "$var(x) = $"+name+";", "$var(x) = $("+name+"[-1]);", "$var(x) = \"$("+name+"[*])\";")
		if v.Set != nil {
			for _, value := range []string{"$mb", "$hdr(Subject)", "$null", "1", `"sip:a@b"`} {
				forms = append(forms, "$"+name+" = "+value+";")
			}
		}
	}
	return forms
}

// transformed are texts of a stranger's through a transformation.
func transformed(x *module.Trans) (forms []string) {
	pool := []string{"1", "0", ",", "Contact", "-3", "$ml", "$hdr(Subject)", "uri", "20", "a", "/a/b/g"}
	for _, of := range []string{"mb", "ru", "hdr(Contact)", "rb", "hdr(Subject)"} {
		for n := x.MinArgs; n <= x.MaxArgs; n++ {
			for k := range pool {
				args := ""
				for i := range n {
					args += "," + pool[(k+i)%len(pool)]
				}
				forms = append(forms, fmt.Sprintf("$var(x) = $(%s{%s.%s%s});", of, x.Class, x.Name, args))
				if n == 0 {
					break
				}
			}
		}
	}
	return forms
}

// selected are selects with what may follow the root.
func selected(s *module.Select) (forms []string) {
	for _, rest := range []string{
		"", ".uri", ".uri.user", ".uri.host", ".uri.params", `.params["a"]`, ".tag", ".name", "[-1].host", "[2].branch", ".num", `.header["Contact"]`,
		".body", ".first_line", ".ip", ".pid", ".count", ".nameaddr", ".nameaddr.uri.hostport", `["Contact"].nameaddr.name`, ".realm", ".a.b", ".uri[1]", "[1]", ".len",
	} {
		forms = append(forms, "$var(x) = @"+s.Root+rest+";")
	}
	return forms
}
