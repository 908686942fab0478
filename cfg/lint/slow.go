package lint

import "goser/cfg/check"

// slow are functions of modules that this server does not have yet and that wait:
// for what they wait. Those of its own modules say so themselves.
var slow = map[string]string{
	"exec_dset": aProgram, "exec_msg": aProgram, "exec_avp": aProgram, "exec_cmd": aProgram,
	"sql_query": aDatabase, "sql_xquery": aDatabase, "sql_pvquery": aDatabase,
	"redis_cmd": aDatabase, "redis_execute": aDatabase, "mongodb_find": aDatabase, "mongodb_cmd": aDatabase,
	"http_client_query": aWebServer, "http_client_get": aWebServer, "http_client_post": aWebServer, "http_connect": aWebServer,
	"http_client_request": aWebServer, "http_query": aWebServer, "http_get_redirect": aWebServer,
	"ldap_search": aDirectory, "radius_www_authorize": aDirectory, "radius_proxy_authorize": aDirectory,
	"radius_load_caller_avps": aDirectory, "radius_load_callee_avps": aDirectory, "radius_does_uri_exist": aDirectory,
	"enum_query": aName, "enum_pv_query": aName, "i_enum_query": aName, "isn_query": aName, "dns_query": aName,
}

const (
	aProgram   = "a program"
	aDatabase  = "a database"
	aWebServer = "a web server"
	aDirectory = "a directory or RADIUS server"
	aName      = "name servers"
)

// waits reports functions that can take long. The server goes on meanwhile, the
// message does not, and so many can wait at a time (max_waiting).
func (l *linter) waits() {
	const hint = "the message waits, others go on; at most max_waiting messages of a process wait at a time"
	l.each(visitor{expr: func(x *check.Expr) {
		switch {
		case x.Wrong != nil && slow[x.Wrong.Name] != "":
			l.warn(x.Pos, hint, "%s may wait for long, for %s", x.Wrong.Name, slow[x.Wrong.Name])
		case x.Op == check.OpCall && x.Call.Func.Waits && !answering[x.Call.Name] && !sending[x.Call.Name]:
			l.warn(x.Pos, hint, "%s may wait for long", x.Call.Name)
		}
	}})
}
