package textops

import (
	"strings"

	"goser/worker/module"
)

// setBody replaces the body and sets its type; Content-Length follows when the
// message is built.
func setBody(c *module.Ctx, a *module.Args) int {
	body, kind := a.Str(c, 0), a.Str(c, 1)
	if body == "" || !isType(kind) {
		return -1
	}
	c.Edits.SetBody(body)
	c.Edits.SetContentType(&c.SIP, c.Concat("Content-Type: ", kind, "\r\n"))
	return 1
}

// setReplyBody does not replace what an earlier call has set.
func setReplyBody(c *module.Ctx, a *module.Args) int {
	body, kind := a.Str(c, 0), a.Str(c, 1)
	if body == "" || !isType(kind) || c.ReplyBody != "" {
		return -1
	}
	c.ReplyBody, c.ReplyType = body, kind
	return 1
}

// isType wants type/subtype and no line end.
func isType(s string) bool {
	i := strings.IndexByte(s, '/')
	return i > 0 && i+1 < len(s) && !strings.ContainsAny(s, "\r\n\x00")
}
