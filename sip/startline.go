package sip

import "strings"

// startLine parses the first line (RFC 3261 §7.1, §7.2). It returns false when the message cannot
// be SIP and the rest is not worth a look.
func (m *Msg) startLine() bool {
	n := strings.IndexByte(m.Raw[m.start:], '\n')
	if n < 0 {
		m.fail(0, "", "", m.start, "no start line: not SIP")
		return false
	}
	m.headersAt = m.start + n + 1
	line := m.Raw[m.start : m.start+n]
	switch cr := strings.IndexByte(line, '\r'); {
	case cr < 0:
		m.flaws |= flawBareLF
	case cr < n-1:
		m.fail(0, "", "", m.start+cr, "CR inside the start line: not SIP")
		return false
	default:
		line = line[:n-1]
	}
	if isVersion(line) {
		return m.statusLine(line)
	}
	return m.requestLine(line)
}

// isVersion says whether s begins with "SIP/", in any case (RFC 3261 §7.1).
func isVersion(s string) bool { return len(s) > 3 && EqualFold(s[:4], "SIP/") }

func (m *Msg) statusLine(line string) bool {
	version, rest, _ := strings.Cut(line, " ")
	code, reason, _ := strings.Cut(rest, " ")
	n, ok := number(code, 999)
	if !ok || len(code) != 3 || n < 100 {
		m.fail(0, "", "", m.start, "status code is not between 100 and 999")
		return false
	}
	m.Version, m.StatusCode, m.Reason = version, int(n), reason
	return true
}

func (m *Msg) requestLine(line string) bool {
	sp := strings.IndexByte(line, ' ')
	if sp < 0 || !isToken(line[:sp]) {
		m.fail(0, "", "", m.start, "start line has no method: not SIP")
		return false
	}
	m.IsRequest, m.MethodName, m.Method = true, line[:sp], ParseMethod(line[:sp])
	end, v := versionAt(line)
	if v <= sp+1 || !isVersion(line[v:end]) {
		m.noVersion(line, sp+1, end, v)
		return true
	}
	m.Version = line[v:end]
	i, j := trim(line, sp+1, v-1)
	if i != sp+1 || j != v-1 || end != len(line) || anySpace(line[i:j]) {
		m.flaws |= flawRequestLine
	}
	m.setRURI(i, line[i:j])
	return true
}

// versionAt is where the last word of a request line ends and begins.
func versionAt(line string) (end, start int) {
	if strings.HasSuffix(line, " SIP/2.0") {
		return len(line), len(line) - len("SIP/2.0")
	}
	end = skipBackSpace(line, len(line))
	return end, strings.LastIndexByte(line[:end], ' ') + 1
}

func anySpace(s string) bool {
	return strings.IndexByte(s, ' ') >= 0 || strings.IndexByte(s, '\t') >= 0
}

func skipBackSpace(s string, end int) int {
	for end > 0 && (s[end-1] == ' ' || s[end-1] == '\t') {
		end--
	}
	return end
}

// noVersion handles a request line that does not end in SIP/x.y. One that ends in some other
// protocol's version belongs to that protocol.
func (m *Msg) noVersion(line string, uri, end, v int) {
	if v > uri && strings.IndexByte(line[v:end], '/') > 0 {
		m.fail(0, "", "", m.start+v, "request line names another protocol: not SIP")
		return
	}
	m.fail(400, "Bad Request Line", "", m.start, "request line has no SIP version")
	m.setRURI(uri, line[min(uri, end):end])
}

func (m *Msg) setRURI(at int, uri string) {
	m.RURI, m.ruriAt = uri, m.start+at
	switch {
	case uri == "":
		m.fail(400, "Bad Request Line", "", m.ruriAt, "no Request-URI")
	case len(uri) > m.limits.MaxURI:
		m.fail(414, "Request-URI Too Long", "", m.ruriAt, "Request-URI exceeds the limit of bytes")
	}
}
