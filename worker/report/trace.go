package report

import (
	"fmt"
	"path"
	"runtime"
	"strings"

	"goser/cfg/param"
	"goser/shm"
	"goser/worker/logger"
)

// Trace lets every allocation and release of shared memory write a line at the
// level that memdbg says. Without the level the process is not told of them.
func Trace(p *shm.Proc, v *param.Values, log *logger.Handler) {
	level := v.Int(param.Memdbg)
	if !log.On(level) {
		p.Trace(nil)
		return
	}
	p.Trace(func(e shm.Event) {
		text := fmt.Sprintf("shm_free(%#x) size=%d kind=%v", e.Off, e.Size, e.Kind)
		if e.Alloc {
			text = fmt.Sprintf("shm_malloc(%d) returns address %#x kind=%v", e.Size, e.Off, e.Kind)
		}
		log.Line(level, "", text+" called from "+caller())
	})
}

// caller is the line outside of package shm that asked.
func caller() string {
	var pcs [16]uintptr
	frames := runtime.CallersFrames(pcs[:runtime.Callers(3, pcs[:])])
	for {
		f, more := frames.Next()
		if !strings.Contains(f.Function, "goser/shm.") || !more {
			return fmt.Sprintf("%s/%s:%d", path.Base(path.Dir(f.File)), path.Base(f.File), f.Line)
		}
	}
}
