package logger

import (
	"fmt"
	"log/slog"
	"path"
	"runtime"
	"strconv"
	"strings"
	"time"
)

// Engine is how lines are written: as the original's text, or as JSON. With
// JSON every line, whoever wrote it, is one object:
//
//	time      RFC 3339 with microseconds
//	level     ALERT BUG CRITICAL ERROR WARNING NOTICE INFO DEBUG
//	role      what the process does, as ps shows it
//	idx, pid  process number, pid
//	module    the module that speaks; core; script for log() and xlog(); stderr for
//	          what came past the log, such as the trace of a panic
//	file, line  where in the program
//	callid    Call-ID of the message being handled, if there is one
//	logprefix what xlog's parameter prefix says, if it is not the default
//	attrs     an object of strings, with what the text form has as key=value
//	lost      how many lines of this process were lost before this one
//	message   the text, without a final newline
//
// message is last and what is cut when all is too long.
type Engine struct{ JSON bool }

// engineFlags are the letters that the original knows behind "json:". Those
// about fields change nothing here: what they ask for is there anyway.
const engineFlags = "aAcjMNp"

// ParseEngine reads the argument of --log-engine: json, json:FLAGS, or nothing
// for the text form.
func ParseEngine(s string) (Engine, error) {
	name, flags, _ := strings.Cut(s, ":")
	switch {
	case s == "":
		return Engine{}, nil
	case name != "json":
		return Engine{}, fmt.Errorf("unknown log engine `%s': want json or json:FLAGS", name)
	}
	if i := strings.IndexFunc(flags, func(r rune) bool { return !strings.ContainsRune(engineFlags, r) }); i >= 0 {
		return Engine{}, fmt.Errorf("unknown flag `%s' of log engine json: want some of %s", flags[i:i+1], engineFlags)
	}
	return Engine{JSON: true}, nil
}

// scriptPrefix is what xlog puts before a text in the text form.
const scriptPrefix = "<script>: "

func (h *Handler) jsonRecord(buf []byte, level int, r slog.Record, lost uint64) []byte {
	buf = h.jsonHead(buf, level)
	buf = jsonSource(buf, r.PC)
	buf = h.jsonCall(buf)
	at := len(buf)
	buf = append(buf, `,"attrs":{`...)
	open := len(buf)
	buf = append(buf, h.attrs...)
	r.Attrs(func(a slog.Attr) bool {
		buf = jsonAttr(buf, a)
		return len(buf) < h.out.longest/2
	})
	if len(buf) == open {
		buf = buf[:at]
	} else {
		buf[len(buf)-1] = '}' // the comma
	}
	return h.jsonEnd(buf, r.Message, lost)
}

func (h *Handler) jsonLine(buf []byte, level int, prefix, text string, lost uint64) []byte {
	buf = h.jsonHead(buf, level)
	buf = append(buf, `,"module":"script"`...)
	buf = h.jsonCall(buf)
	if prefix != "" && prefix != scriptPrefix {
		buf = append(buf, `,"logprefix":`...)
		buf = jsonString(buf, prefix, len(buf)+longestAttr)
	}
	return h.jsonEnd(buf, text, lost)
}

func (h *Handler) jsonHead(buf []byte, level int) []byte {
	buf = append(buf, objectStart...)
	buf = time.Now().AppendFormat(buf, "2006-01-02T15:04:05.000000Z07:00")
	buf = append(buf, `","level":"`...)
	buf = append(buf, levelName(level)...)
	buf = append(buf, `","role":`...)
	buf = jsonString(buf, h.role, len(buf)+longestAttr)
	if h.index >= 0 {
		buf = append(buf, `,"idx":`...)
		buf = strconv.AppendInt(buf, int64(h.index), 10)
	}
	buf = append(buf, `,"pid":`...)
	return strconv.AppendInt(buf, int64(h.pid), 10)
}

// jsonSource tells where in the program a record comes from.
func jsonSource(buf []byte, pc uintptr) []byte {
	name, file, line := "core", "", 0
	if pc != 0 {
		f, _ := runtime.CallersFrames([]uintptr{pc}).Next()
		file, line = f.File, f.Line
		if i := strings.Index(f.Function, "/worker/module/"); i >= 0 {
			if m := f.Function[i+len("/worker/module/"):]; strings.IndexByte(m, '.') > 0 {
				name = m[:strings.IndexByte(m, '.')]
			}
		}
	}
	buf = append(buf, `,"module":`...)
	buf = jsonString(buf, path.Base(name), len(buf)+longestAttr)
	if file == "" {
		return buf
	}
	dir, base := path.Split(file)
	buf = append(buf, `,"file":`...)
	buf = jsonString(buf, path.Join(path.Base(dir), base), len(buf)+longestAttr)
	buf = append(buf, `,"line":`...)
	return strconv.AppendInt(buf, int64(line), 10)
}

func (h *Handler) jsonCall(buf []byte) []byte {
	h.callid.mu.Lock()
	defer h.callid.mu.Unlock()
	if len(h.callid.prefix) > 0 {
		buf = append(buf, `,"prefix":`...)
		buf = jsonString(buf, string(h.callid.prefix), len(buf)+longestAttr)
	}
	if len(h.callid.buf) == 0 {
		return buf
	}
	buf = append(buf, `,"callid":`...)
	return jsonString(buf, string(h.callid.buf), len(buf)+longestAttr)
}

func (h *Handler) jsonEnd(buf []byte, text string, lost uint64) []byte {
	if lost > 0 {
		buf = append(buf, `,"lost":`...)
		buf = strconv.AppendUint(buf, lost, 10)
	}
	buf = append(buf, `,"message":`...)
	buf = jsonString(buf, text, h.out.longest-16)
	return append(buf, '}')
}
