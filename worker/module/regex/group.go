package regex

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"

	"goser/cfg/check"
	"goser/cfg/ere"
	"goser/worker/module"
)

// maxFile bounds the file, bytes.
const maxFile = 1 << 20

var (
	groups []*ere.Regexp // nil: the file has no such group
	loaded string        // the file they are from
)

// load reads the file once.
func load() error {
	if file == "" || loaded == file {
		return nil
	}
	st, err := os.Stat(file)
	if err != nil {
		return fmt.Errorf("regex: %w", err)
	}
	if !st.Mode().IsRegular() || st.Size() > maxFile {
		return fmt.Errorf("regex: %s: expected a file of at most %d bytes", file, maxFile)
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return fmt.Errorf("regex: %w", err)
	}
	if groups, err = parse(string(data)); err != nil {
		return fmt.Errorf("regex: %s:%w", file, err)
	}
	loaded = file
	return nil
}

// parse reads [n] and below it an expression on each line; # begins a comment.
func parse(s string) ([]*ere.Regexp, error) {
	var (
		out   []*ere.Regexp
		texts = map[int][]string{}
		now   = -1
	)
	for i, line := range strings.Split(s, "\n") {
		line = strings.TrimSpace(line)
		switch {
		case line == "" || line[0] == '#':
		case line[0] == '[' && strings.HasSuffix(line, "]") && isNumber(line[1:len(line)-1]):
			now, _ = strconv.Atoi(line[1 : len(line)-1])
			if now >= int(maxGroups) {
				return nil, fmt.Errorf("%d: group %d: max_groups is %d", i+1, now, maxGroups)
			}
		case now < 0:
			return nil, fmt.Errorf("%d: an expression stands before the first group: write [0]", i+1)
		default:
			if _, err := compile(line); err != nil {
				return nil, fmt.Errorf("%d: %w", i+1, err)
			}
			texts[now] = append(texts[now], "(?:"+line+")")
		}
	}
	for n, list := range texts {
		for n >= len(out) {
			out = append(out, nil)
		}
		all := strings.Join(list, "|")
		if len(all) > int(groupMaxSize) {
			return nil, fmt.Errorf(" group %d has %d bytes: group_max_size is %d", n, len(all), groupMaxSize)
		}
		re, err := compile(flags() + all)
		if err != nil {
			return nil, fmt.Errorf(" group %d: %w", n, err)
		}
		out[n] = re
	}
	return out, nil
}

func isNumber(s string) bool {
	n, err := strconv.Atoi(s)
	return err == nil && n >= 0
}

func flags() string {
	f := ""
	for _, x := range []struct {
		on     int32
		letter string
	}{{caseless, "i"}, {multiline, "m"}, {dotAll, "s"}} {
		if x.on != 0 {
			f += x.letter
		}
	}
	if f == "" {
		return ""
	}
	return "(?" + f + ")"
}

// fixGroup reads the file and looks for a constant group.
func fixGroup(a []check.Arg) (any, error) {
	if file == "" {
		return nil, errors.New(`there are no groups: write modparam("regex", "file", "...")`)
	}
	if err := load(); err != nil {
		return nil, err
	}
	n := 0
	if len(a) > 1 {
		if !a[1].Const {
			return nil, nil
		}
		n = int(a[1].Int)
	}
	if group(n) == nil {
		return nil, fmt.Errorf("%s has no group %d", file, n)
	}
	return nil, nil
}

func group(n int) *ere.Regexp {
	if n < 0 || n >= len(groups) {
		return nil
	}
	return groups[n]
}

func matchGroup(c *module.Ctx, a *module.Args) int {
	re := group(int(a.Int(1, 0)))
	if re == nil {
		return c.Fail(-1, "there is no such group")
	}
	return truth(re.MatchString(a.Str(c, 0)))
}
