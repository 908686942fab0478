package avpops

import (
	"errors"
	"fmt"
	"strings"

	"goser/cfg/check"
	"goser/worker/module"
	"goser/worker/module/api/db"
)

// owner is the first argument of the functions that use the database, "source/part": whose AVPs.
type owner struct {
	text string         // or
	v    *module.VarUse // a variable
	part part
}

// part tells what of the source is looked for.
type part uint8

const (
	byUUID part = iota
	byURI
	byUser
	byDomain
)

var parts = map[string]part{"uuid": byUUID, "uri": byURI, "username": byUser, "domain": byDomain}

// uris are the variables that are a URI unless something else is said.
var uris = map[string]bool{"fu": true, "from": true, "tu": true, "to": true, "ru": true, "ruri": true, "ou": true, "ouri": true}

func parseOwner(s string) (o owner, err error) {
	if o.v, err = module.ParseVar(s); err == nil {
		o.setDefault()
		return o, nil
	}
	base, flag := s, ""
	i := strings.LastIndexByte(s, '/')
	if i >= 0 {
		base, flag = s[:i], strings.ToLower(strings.TrimSpace(s[i+1:]))
	}
	o.text = base
	if strings.HasPrefix(base, "$") {
		if o.v, err = module.ParseVar(strings.TrimSpace(base)); err != nil {
			return o, err
		}
		o.setDefault()
	}
	if i >= 0 {
		p, ok := parts[flag]
		if !ok {
			return o, fmt.Errorf("%q behind the slash: expected username, domain, uri or uuid", flag)
		}
		o.part = p
	}
	return o, nil
}

func (o *owner) setDefault() {
	if uris[o.v.Name] && !o.v.Transformed {
		o.part = byURI
	}
}

// person is who an owner is for one message; parts that are not looked for are empty.
type person struct {
	part               part
	uuid, user, domain string
}

var (
	errNobody   = errors.New("the first argument has no value")
	errNobodyAt = errors.New("the first argument is no URI with user and host")
)

func (o *owner) of(c *module.Ctx) (p person, err error) {
	s := o.text
	if o.v != nil {
		v := o.v.Get(c)
		if v.IsUndef() {
			return p, errNobody
		}
		s = c.Text(v)
	}
	if p.part = o.part; p.part == byUUID {
		p.uuid = s
		return p, nil
	}
	u, err := c.TempURI(s)
	if err != nil {
		return p, fmt.Errorf("the first argument is no URI: %w", err)
	}
	if u.User == "" || u.Host == "" {
		return p, errNobodyAt
	}
	if p.part != byDomain {
		p.user = u.User
	}
	if p.part == byDomain || p.part == byURI && useDomain != 0 {
		p.domain = u.Host
	}
	return p, nil
}

// where are the conditions that find a person's rows in the columns of a scheme.
func (p *person) where(s *scheme, room []db.Cond) []db.Cond {
	switch {
	case p.part == byUUID:
		return append(room, db.Is(or(s.uuid, columns.uuid), db.TextValue(p.uuid)))
	case p.part == byDomain:
		return append(room, db.Is(or(s.domain, columns.domain), db.TextValue(p.domain)))
	}
	room = append(room, db.Is(or(s.user, columns.user), db.TextValue(p.user)))
	if p.part == byURI && useDomain != 0 {
		room = append(room, db.Is(or(s.domain, columns.domain), db.TextValue(p.domain)))
	}
	return room
}

func or(s, otherwise string) string {
	if s != "" {
		return s
	}
	return otherwise
}

// chosen is the second argument, "which/table" or "which/$scheme": which AVPs.
type chosen struct {
	avp    string // full name of one AVP, or
	kinds  string // "s", "i" or both
	table  string // "" avp_table
	scheme *scheme
}

func parseChosen(s string, schemes bool) (k chosen, err error) {
	name, table, named := strings.Cut(s, "/")
	name, table = strings.TrimSpace(name), strings.TrimSpace(table)
	switch kind := strings.ToLower(strings.TrimRight(name, "0123456789")); {
	case strings.HasPrefix(name, "$"):
		if k.avp, err = module.ParseAVP(name); err != nil {
			return k, err
		}
	case kind == "a" || kind == "*":
		k.kinds = "si"
	case kind == "s" || kind == "i":
		k.kinds = kind
	default:
		return k, fmt.Errorf("%q: expected $avp(name), or all AVPs: *, those with a name: s, with a number: i", name)
	}
	switch {
	case !named:
		return k, nil
	case table == "" || table == "$":
		return k, fmt.Errorf("%q: expected the name of a table or $scheme behind the slash", s)
	case table[0] != '$':
		k.table = table
		return k, nil
	case !schemes:
		return k, fmt.Errorf("%q: only avp_db_load takes a scheme", s)
	}
	if k.scheme = schemesByName[table[1:]]; k.scheme == nil {
		return k, fmt.Errorf("no db_scheme %q: modparam(\"avpops\", \"db_scheme\", \"%s:...\") is missing", table[1:], table[1:])
	}
	if k.avp == "" {
		return k, fmt.Errorf("%q: a scheme needs $avp(name): it loads values, no names", s)
	}
	return k, nil
}

// wants tells whether a name is of the kinds asked for.
func (k *chosen) wants(name string) bool {
	if k.avp != "" {
		return name == k.avp
	}
	return strings.IndexByte(k.kinds, name[0]) >= 0
}

// tableName is where the AVPs are.
func (k *chosen) tableName() string {
	if k.scheme != nil {
		return or(k.scheme.table, avpTable)
	}
	return or(k.table, avpTable)
}

// storing is the pair of arguments.
type storing struct {
	owner
	chosen
}

// fixStoring makes a Fixup.
func fixStoring(schemes bool) func(a []check.Arg) (any, error) {
	return func(a []check.Arg) (any, error) {
		if err := configured(); err != nil {
			return nil, err
		}
		k := &storing{}
		var err error
		if k.owner, err = parseOwner(a[0].Str); err != nil {
			return nil, at(0, err)
		}
		k.chosen, err = parseChosen(a[1].Str, schemes)
		return k, at(1, err)
	}
}
