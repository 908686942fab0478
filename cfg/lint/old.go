package lint

import (
	"path"
	"strings"

	"goser/cfg/check"
	"goser/cfg/param"
	"goser/cfg/syntax"
)

// newNames are functions that have a better name by now.
var newNames = map[string]string{
	"add_rport": "force_rport", "add_tcp_alias": "force_tcp_alias",
	"setup": "rewriteuserpass", "setuserpass": "rewriteuserpass",
}

// oldModules are names that modules had.
var oldModules = map[string]string{
	"mysql": "db_mysql", "postgres": "db_postgres", "dbtext": "db_text", "flatstore": "db_flatstore",
	"uri": "siputils", "options": "siputils",
}

// old reports names that still work and that nobody should write any more.
func (l *linter) old() {
	for _, it := range l.tree.Items {
		switch it := it.(type) {
		case *syntax.ParamItem:
			if p := param.Lookup(it.Name.Str); p != nil && p.Name != it.Name.Str {
				l.warn(it.Name.At, "write "+p.Name, "%s is another name of %s", it.Name.Str, p.Name)
			}
		case *syntax.LoadModule:
			name := strings.TrimSuffix(path.Base(it.Path.Str), ".so")
			if now := oldModules[name]; now != "" {
				l.warn(it.Path.At, `write loadmodule "`+now+`.so"`, "module %s is called %s now", name, now)
			}
		}
	}
	l.each(visitor{expr: func(x *check.Expr) {
		if x.Op == check.OpCall {
			if now := newNames[x.Call.Name]; now != "" {
				l.warn(x.Pos, "write "+now, "%s is an old function", x.Call.Name)
			}
		}
	}})
}
