package corex

import (
	"errors"
	"io"
	"os"
	"strings"
	"syscall"

	"goser/worker/module"
)

// maxFile bounds what is read from a file, bytes.
const maxFile = 64 << 10

var errFileTooLong = errors.New("the file is longer than 65536 bytes")

// fileRead waits: disks and network file systems can be slow.
func fileRead(c *module.Ctx, a *module.Args) int {
	var (
		name = strings.Clone(a.Str(c, 0))
		data []byte
		err  error
	)
	if werr := c.Env.Wait(c, func() { data, err = read(name) }); werr != nil {
		return c.Fail(-1, werr.Error())
	}
	if err != nil {
		return c.Fail(-1, err.Error())
	}
	return truth(a.Var(1).Set(c, module.StrValue(c.Keep(string(data)))) == nil)
}

func read(name string) ([]byte, error) {
	f, err := os.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if st, err := f.Stat(); err != nil || !st.Mode().IsRegular() {
		return nil, errors.Join(err, errors.New(name+" is no regular file"))
	}
	data, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if len(data) > maxFile {
		return nil, errFileTooLong
	}
	return data, err
}

// fileWrite replaces what was in the file.
func fileWrite(c *module.Ctx, a *module.Args) int {
	name, data := strings.Clone(a.Str(c, 0)), []byte(a.Str(c, 1))
	if len(data) == 0 {
		return -1
	}
	var err error
	if werr := c.Env.Wait(c, func() { err = os.WriteFile(name, data, 0o644) }); werr != nil {
		return c.Fail(-1, werr.Error())
	}
	return done(c, err)
}
