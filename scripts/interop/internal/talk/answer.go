package talk

import (
	"fmt"
	"regexp"
	"strings"
)

var copied = regexp.MustCompile(`(?i)^(via|v|from|f|call-id|i|cseq|record-route)\s*:`)

// answer is a user agent's reply to a request (RFC 3261 §8.2.6); more are its further headers and,
// behind an empty line, its body.
func answer(request string, code int, reason, tag, more string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "SIP/2.0 %d %s\r\n", code, reason)
	head, _, _ := strings.Cut(request, "\r\n\r\n")
	for line := range strings.SplitSeq(unfold(head), "\r\n") {
		switch {
		case copied.MatchString(line):
			b.WriteString(line + "\r\n")
		case isTo(line):
			if code > 100 && !strings.Contains(line, ";tag=") {
				line += ";tag=" + tag
			}
			b.WriteString(line + "\r\n")
		}
	}
	extra, body, _ := strings.Cut(more, "\r\n\r\n")
	if extra = strings.TrimSuffix(extra, "\r\n"); extra != "" {
		b.WriteString(extra + "\r\n")
	}
	if !strings.Contains(extra, "Content-Length") {
		fmt.Fprintf(&b, "Content-Length: %d\r\n", len(body))
	}
	return b.String() + "\r\n" + body
}

func isTo(line string) bool {
	name, _, _ := strings.Cut(line, ":")
	name = strings.TrimSpace(strings.ToLower(name))
	return name == "to" || name == "t"
}

var fold = regexp.MustCompile(`\r\n[ \t]+`)

func unfold(head string) string { return fold.ReplaceAllString(head, " ") }
