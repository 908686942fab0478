package avpops

import (
	"errors"
	"fmt"
	"strings"

	"goser/cfg/check"
	"goser/worker/module"
	"goser/worker/module/api/db"
)

// Parameters of the database.
var (
	dbURL     string
	avpTable  string
	useDomain int32
	columns   = struct{ uuid, user, domain, attribute, value, typ string }{"uuid", "username", "domain", "attribute", "value", "type"}
)

// scheme is a table of another shape: which columns it has ("" the usual name), and what its values are.
type scheme struct {
	uuid, user, domain, value, table string
	number                           bool
}

var schemesByName = map[string]*scheme{}

// addScheme reads "name:username_col=x;value_col=y;value_type=integer;table=z".
func addScheme(v module.Value) error {
	name, list, ok := strings.Cut(v.Str, ":")
	if name = strings.TrimSpace(name); !ok || name == "" || strings.TrimSpace(list) == "" {
		return fmt.Errorf("%q: expected name:column=name;...", v.Str)
	}
	if schemesByName[name] != nil {
		return fmt.Errorf("there is a scheme %q already", name)
	}
	s := &scheme{}
	keys := map[string]*string{"uuid_col": &s.uuid, "username_col": &s.user, "domain_col": &s.domain, "value_col": &s.value, "table": &s.table}
	for _, item := range strings.Split(list, ";") {
		if strings.TrimSpace(item) == "" {
			continue
		}
		key, val, _ := strings.Cut(item, "=")
		key, val = strings.TrimSpace(key), strings.TrimSpace(val)
		switch to := keys[key]; {
		case val == "" || to == nil && key != "value_type":
			return fmt.Errorf("%q: expected one of uuid_col, username_col, domain_col, value_col, value_type, table, = and what it is", strings.TrimSpace(item))
		case to != nil:
			*to = val
		case val == "integer" || val == "string":
			s.number = val == "integer"
		default:
			return fmt.Errorf("value_type %q: expected string or integer", val)
		}
	}
	schemesByName[name] = s
	return nil
}

func params() []module.Param {
	ps := []module.Param{
		{Name: "db_url", Kind: check.ParamStr, Set: setURL, Help: "the database of avp_db_load and its kin, such as text:///etc/ser/dbtext; its module must be loaded (none)"},
		{Name: "avp_table", Str: &avpTable, Help: "the table with AVPs; needed with db_url (none)"},
		{Name: "db_scheme", Kind: check.ParamStr, Set: addScheme, Help: "name:uuid_col=..;username_col=..;domain_col=..;value_col=..;value_type=string|integer;table=..: a table of another shape for avp_db_load; may be repeated"},
		{Name: "use_domain", Kind: check.ParamInt, Set: module.Within("use_domain", &useDomain, 0, 1), Help: "1: a URI means user and domain, 0: the user alone (0)"},
	}
	for _, c := range []struct {
		name string
		to   *string
	}{
		{"uuid", &columns.uuid},
		{"username", &columns.user},
		{"domain", &columns.domain},
		{"attribute", &columns.attribute},
		{"value", &columns.value},
		{"type", &columns.typ},
	} {
		ps = append(ps, module.Param{Name: c.name + "_column", Str: c.to, Help: "name of that column (" + *c.to + ")"})
	}
	return ps
}

// setURL takes the database; "" is none.
func setURL(v module.Value) error {
	if dbURL = v.Str; dbURL == "" {
		return nil
	}
	return db.Check(dbURL)
}

// database is open once the module has started.
var database *db.DB

// configured tells what the functions that use the database lack.
func configured() error {
	switch {
	case dbURL == "":
		return errors.New(`the database is not said: modparam("avpops", "db_url", ...) is missing`)
	case avpTable == "":
		return errors.New(`there is a db_url, so modparam("avpops", "avp_table", ...) is needed, too`)
	}
	return nil
}

func start(e module.Env) error {
	if dbURL == "" {
		return nil
	}
	if err := configured(); err != nil {
		return err
	}
	var err error
	database, err = db.Open(e, dbURL)
	return err
}
