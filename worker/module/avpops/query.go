package avpops

import (
	"errors"
	"fmt"
	"strings"

	"goser/cfg/check"
	"goser/worker/module"
	"goser/worker/module/api/db"
)

// fixQuery reads the names that the columns of a result get: "$avp(a);$avp(b)".
func fixQuery(a []check.Arg) (any, error) {
	if err := configured(); err != nil {
		return nil, err
	}
	if len(a) < 2 {
		return []string(nil), nil
	}
	if strings.TrimSpace(a[1].Str) == "" {
		return nil, at(1, errors.New("expected $avp(name);$avp(name)..."))
	}
	names := []string{}
	for _, item := range strings.Split(a[1].Str, ";") {
		if item = strings.TrimSpace(item); item == "" {
			continue // as 5.6.3: the next column gets the next name
		}
		name, err := module.ParseAVP(item)
		if err != nil {
			return nil, at(1, err)
		}
		names = append(names, name)
	}
	return names, nil
}

// query runs a statement. Of a result, the first row's values come out newest.
func query(c *module.Ctx, a *module.Args) int {
	text := a.Str(c, 0)
	if text == "" {
		return c.Fail(-1, "the statement is empty")
	}
	r, err := database.Run(c, text)
	switch {
	case err != nil:
		return c.Fail(-1, err.Error())
	case r == nil || len(r.Rows) == 0:
		return -2
	}
	names, _ := a.Fixed.([]string)
	for i := len(r.Rows) - 1; i >= 0; i-- {
		for k, v := range r.Rows[i] {
			if !pushColumn(c, names, k, v) {
				return c.Fail(-1, module.ErrTooManyAVPs.Error())
			}
		}
	}
	return 1
}

// pushColumn passes over what no AVP can hold. Without names, columns are numbered from 1.
func pushColumn(c *module.Ctx, names []string, k int, v db.Value) bool {
	name := ""
	switch {
	case names == nil:
		name = fmt.Sprintf("i:%d", k+1)
	case k < len(names):
		name = names[k]
	}
	if name == "" {
		return true
	}
	switch v.Kind {
	case db.Int, db.Time:
		return c.AVPs.Push(name, module.IntValue(int32(v.Int)))
	case db.Text, db.Blob:
		return v.Text == "" || c.AVPs.Push(name, module.StrValue(v.Text))
	}
	return true
}
