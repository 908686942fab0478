package syntax

// tokKind is the kind of a token.
type tokKind uint8

const (
	tEOF    tokKind = iota
	tBad            // already reported
	tID             // identifier or keyword
	tNum            // 32-bit number
	tMixed          // starts with a digit, holds letters: part of a name only
	tStr            // "..."
	tRaw            // '...'
	tVar            // $...
	tSelect         // @...
	tIPv4           // dotted quad
	tIPv6           // bare IPv6
	tOp             // operator or punctuation, in Str
)

// token is one lexical element.
type token struct {
	Kind  tokKind
	Space bool // blanks or the start of the file before it
	Line  bool // first token of its line
	Mode  Mode
	Str   string
	Int   int32
	Sel   *SelectRef
	At    Span

	Written string // a string before substitution
	Substs  int    // how many substitutions there were
}

func (t *token) op(s string) bool { return t.Kind == tOp && t.Str == s }
func (t *token) id(s string) bool { return t.Kind == tID && t.Str == s }

// describe names a token as an error message would.
func (t *token) describe() string {
	switch t.Kind {
	case tEOF:
		return "end of file"
	case tStr, tRaw:
		return "string \"" + clip(t.Str, 30) + "\""
	case tNum:
		return "number " + t.Str
	case tID:
		return "\"" + clip(t.Str, 40) + "\""
	case tIPv4, tIPv6:
		return "address " + t.Str
	}
	return "\"" + clip(t.Str, 40) + "\""
}

// punct lists operators and punctuation, longer ones first.
var punct = []string{
	"==", "!=", "=~", "!~", "<=", ">=", "&&", "||", "<<", ">>", "+=",
	"{", "}", "(", ")", "[", "]", ";", ",", "=", "<", ">", "+", "-", "*", "/",
	"%", "!", "~", "&", "|", "^", ":", ".", "?",
}

func isLetter(c byte) bool { return c == '_' || c|0x20 >= 'a' && c|0x20 <= 'z' }
func isDigit(c byte) bool  { return c >= '0' && c <= '9' }
func isWord(c byte) bool   { return isLetter(c) || isDigit(c) }
func isHex(c byte) bool    { return isDigit(c) || c|0x20 >= 'a' && c|0x20 <= 'f' }
func isBlank(c byte) bool  { return c == ' ' || c == '\t' || c == '\r' }

// reserved are the words a define can never replace: the original's lexer
// knows them before it looks for defines.
var reserved = wordSet(`route request_route failure_route branch_route onreply_route reply_route
	onsend_route event_route loadmodule loadmodulex loadpath mpath modparam modparamx include_file import_file
	if else while switch case default break return exit drop and or not mod eq ne ieq ine
	defined strlen strempty myself yes true on enable no false off disable
	INET inet INET6 inet6 UDP udp TCP tcp TLS tls SCTP sctp max_len
	af dst_ip dst_port from_uri method proto status snd_af to_af snd_ip snd_port snd_proto to_proto
	src_ip src_port to_ip to_port to_uri uri
	forward forward_udp forward_tcp forward_tls forward_sctp send send_tcp log error exec
	setflag resetflag isflagset setavpflag resetavpflag isavpflagset avpflags flags bool
	rewritehost sethost seth rewriteport setport setp rewriteuser setuser setu rewriteuserpass
	setuserpass setup rewriteuri seturi rewritehostport sethostport sethp rewritehostporttrans
	sethostporttrans sethpt revert_uri prefix strip strip_tail userphone append_branch
	remove_branch clear_branches force_rport add_rport add_local_rport force_tcp_alias
	add_tcp_alias force_send_socket set_advertised_address set_advertised_port
	set_forward_no_connect set_forward_close set_reply_no_connect set_reply_close
	cfg_select cfg_reset udp_mtu_try_proto`)

func wordSet(s string) map[string]bool {
	m := map[string]bool{}
	start := -1
	for i := 0; i <= len(s); i++ {
		if i < len(s) && isWord(s[i]) {
			if start < 0 {
				start = i
			}
		} else if start >= 0 {
			m[s[start:i]] = true
			start = -1
		}
	}
	return m
}
