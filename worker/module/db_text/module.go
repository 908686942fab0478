// Package dbtext is the module db_text: a database whose tables are text files. See
// README.md for the operator's view.
//
// directory.go knows the files, parse.go and print.go what is in them, query.go and
// change.go what is done with a table, sql.go the statements, write.go how a file is
// replaced.
package dbtext

import (
	_ "embed"
	"fmt"
	"strings"

	"goser/cfg/check"
	"goser/worker/module"
	"goser/worker/module/api/db"
)

//go:embed README.md
var readme string

// Parameters.
var (
	dbMode            int32
	emptyString       int32
	fileBufferSize    int32 = 1 << 20
	maxResultRows     int32 = 100000
	defaultConnection string
	delim             = ":"
)

func init() {
	db.Register(&db.Driver{Module: "db_text", Schemes: []string{"text", "dbtext"}, Check: checkURL, Open: open})
	module.Register(&module.Module{
		Name: "db_text", Doc: readme,
		Params: []module.Param{
			{Name: "db_mode", Kind: check.ParamInt, Set: module.Within("db_mode", &dbMode, 0, 1), Help: "1: read the file at each use, 0: when it has changed (0)"},
			{Name: "emptystring", Kind: check.ParamInt, Set: module.Within("emptystring", &emptyString, 0, 1), Help: "1: an empty field of a string or blob column is an empty text, 0: NULL (0)"},
			{Name: "file_buffer_size", Kind: check.ParamInt, Set: module.Within("file_buffer_size", &fileBufferSize, 16, 64<<20), Help: "longest field of a file, bytes (1048576)"},
			{Name: "max_result_rows", Kind: check.ParamInt, Set: module.Within("max_result_rows", &maxResultRows, 1, 10_000_000), Help: "most rows of a result; more is an error (100000)"},
			{Name: "default_connection", Str: &defaultConnection, Help: "the directory that text:// alone means (none)"},
			{Name: "db_delim", Kind: check.ParamStr, Set: setDelim, Help: "what separates fields (:)"},
		},
	})
}

func setDelim(v module.Value) error {
	if len(v.Str) != 1 || strings.ContainsAny(v.Str, "\\\n\r\t0nrt\x00") {
		return fmt.Errorf("%q: expected one character, no \\ and nothing that an escape means", v.Str)
	}
	delim = v.Str
	return nil
}

const wantURL = "expected text:// and a directory, such as text:///etc/ser/dbtext"

func checkURL(rest string) error {
	if !strings.HasPrefix(rest, "//") {
		return fmt.Errorf("db_url %q: %s", "text:"+rest, wantURL)
	}
	return nil
}

func open(rest string) (db.Conn, error) {
	path := strings.TrimPrefix(rest, "//")
	if path == "" {
		path = defaultConnection
	}
	if path == "" {
		return nil, fmt.Errorf("db_url %q: %s, or the parameter default_connection", "text:"+rest, wantURL)
	}
	d, err := openDirectory(path)
	if err != nil {
		return nil, err
	}
	return d, nil
}
