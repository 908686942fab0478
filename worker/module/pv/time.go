package pv

import (
	"fmt"
	"strconv"
	"time"

	"goser/cfg/check"
	"goser/worker/module"
)

// timeVars: the time of the message, and of now; a batch of messages shares
// one now.
var timeVars = []module.Var{
	number("Ts", "time of the message, Unix seconds", func(c *module.Ctx) module.Value { return intValue(c.Recv.Time.Unix()) }),
	text("Tf", "time of the message, as ctime", func(c *module.Ctx) module.Value { return ctime(c, c.Recv.Time) }),
	number("TS", "now, Unix seconds", func(c *module.Ctx) module.Value { return intValue(c.Env.Now().Unix()) }),
	text("TF", "now, as ctime", func(c *module.Ctx) module.Value { return ctime(c, c.Env.Now()) }),
	number("Tb", "start of the server, Unix seconds", func(c *module.Ctx) module.Value { return intValue(c.Env.Process().Start.Unix()) }),
	fields("TV", "s and u of the message's time; sn, un, Sn, Fn of now", check.TypeAny, map[string]func(c *module.Ctx) module.Value{
		"s":  func(c *module.Ctx) module.Value { return intValue(c.Recv.Time.Unix()) },
		"u":  func(c *module.Ctx) module.Value { return intValue(c.Recv.Time.Nanosecond() / 1000) },
		"sn": func(c *module.Ctx) module.Value { return intValue(c.Env.Now().Unix()) },
		"un": func(c *module.Ctx) module.Value { return intValue(c.Env.Now().Nanosecond() / 1000) },
		"Sn": func(c *module.Ctx) module.Value { return micro(c, c.Env.Now()) },
		"Fn": func(c *module.Ctx) module.Value { return formatted(c, c.Env.Now(), "2006-01-02 15:04:05.000000") },
	}),
	clockVar("time", time.Time.Local), clockVar("utime", time.Time.UTC),
	strftimeVar("timef", time.Time.Local), strftimeVar("utimef", time.Time.UTC),
}

func formatted(c *module.Ctx, t time.Time, layout string) module.Value {
	return module.StrValue(c.Build(len(layout)+16, func(dst []byte) []byte { return t.AppendFormat(dst, layout) }))
}

func ctime(c *module.Ctx, t time.Time) module.Value { return formatted(c, t.Local(), time.ANSIC) }

// micro is seconds.microseconds.
func micro(c *module.Ctx, t time.Time) module.Value {
	return module.StrValue(c.Build(32, func(dst []byte) []byte {
		dst = strconv.AppendInt(dst, t.Unix(), 10)
		return t.AppendFormat(dst, ".000000")
	}))
}

func clockVar(name string, zone func(time.Time) time.Time) module.Var {
	field := func(get func(t time.Time) int) func(c *module.Ctx) module.Value {
		return func(c *module.Ctx) module.Value { return intValue(get(zone(c.Env.Now()))) }
	}
	return fields(name, "sec min hour mday mon year wday yday isdst of now", check.TypeInt, map[string]func(c *module.Ctx) module.Value{
		"sec": field(time.Time.Second), "min": field(time.Time.Minute), "hour": field(time.Time.Hour),
		"mday": field(time.Time.Day), "year": field(time.Time.Year), "yday": field(time.Time.YearDay),
		"mon":  field(func(t time.Time) int { return int(t.Month()) }),
		"wday": field(func(t time.Time) int { return int(t.Weekday()) + 1 }),
		"isdst": field(func(t time.Time) int {
			if t.IsDST() {
				return 1
			}
			return 0
		}),
	})
}

func strftimeVar(name string, zone func(time.Time) time.Time) module.Var {
	return module.Var{
		Name: name, Type: check.TypeStr, Inner: check.InnerText, Help: "now, formatted as strftime(3) does",
		Prepare: func(inner string) (any, error) { return nil, checkStrftime(inner) },
		Get: func(c *module.Ctx, r *module.Ref) module.Value {
			return strftime(c, zone(c.Env.Now()), r.Inner)
		},
	}
}

// conversions are those of strftime(3) in the "C" locale, as layouts of
// package time.
var conversions = map[byte]string{
	'a': "Mon", 'A': "Monday", 'b': "Jan", 'B': "January", 'c': "Mon Jan _2 15:04:05 2006", 'd': "02",
	'D': "01/02/06", 'e': "_2", 'F': "2006-01-02", 'h': "Jan", 'H': "15", 'I': "03", 'j': "002", 'm': "01", 'M': "04",
	'p': "PM", 'P': "pm", 'r': "03:04:05 PM", 'R': "15:04", 'S': "05", 'T': "15:04:05", 'x': "01/02/06",
	'X': "15:04:05", 'y': "06", 'Y': "2006", 'z': "-0700", 'Z': "MST",
}

func checkStrftime(f string) error {
	for i := 0; i < len(f); i++ {
		if f[i] != '%' {
			continue
		}
		if i++; i == len(f) {
			return fmt.Errorf("format %q ends in %%: write %%%% for the character", f)
		}
		if conversions[f[i]] == "" && f[i] != '%' && f[i] != 's' && f[i] != 'u' && f[i] != 'w' && f[i] != 'n' && f[i] != 't' {
			return fmt.Errorf("unknown conversion %%%c in %q", f[i], f)
		}
	}
	return nil
}

func strftime(c *module.Ctx, t time.Time, f string) module.Value {
	return module.StrValue(c.Build(len(f)*4+32, func(dst []byte) []byte {
		for i := 0; i < len(f); i++ {
			if f[i] != '%' || i+1 == len(f) {
				dst = append(dst, f[i])
				continue
			}
			i++
			dst = convert(dst, t, f[i])
		}
		return dst
	}))
}

func convert(dst []byte, t time.Time, conversion byte) []byte {
	switch conversion {
	case '%':
		return append(dst, '%')
	case 'n':
		return append(dst, '\n')
	case 't':
		return append(dst, '\t')
	case 's':
		return strconv.AppendInt(dst, t.Unix(), 10)
	case 'w':
		return strconv.AppendInt(dst, int64(t.Weekday()), 10)
	case 'u':
		return strconv.AppendInt(dst, int64(t.Weekday()+6)%7+1, 10)
	}
	return t.AppendFormat(dst, conversions[conversion])
}

// unixTime is local time, as localtime(3) makes it of seconds.
func unixTime(n int32) time.Time { return time.Unix(int64(n), 0) }
