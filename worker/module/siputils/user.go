package siputils

import "goser/worker/module"

// isUser asks about the credentials that were found good. What a request only claims does not count.
func isUser(c *module.Ctx, a *module.Args) int {
	if c.AuthUser == "" {
		return c.Fail(-1, "nobody was authenticated: is_user has its place behind the functions that check credentials")
	}
	return truth(a.Str(c, 0) == c.AuthUser)
}
