package tmx

import (
	"strings"

	"goser/cfg/check"
	"goser/worker/module"
	"goser/worker/module/api"
)

func info(c *module.Ctx) (api.Info, bool) {
	if api.TM == nil {
		return api.Info{}, false
	}
	return api.TM.Info(c)
}

func variables() []module.Var {
	vs := []module.Var{
		{Name: "T", Inner: check.InnerText, Names: fields(), Help: "a field of the transaction", Get: field},
		{Name: "T_branch", Inner: check.InnerText, Names: []string{"uri", "flags"}, Help: "the branch's URI or flags", Get: branchField},
		{
			Name: "T_branch_idx", Type: check.TypeInt, Help: "number of the branch; in a failure route how many there are; 0 in a request route, -1 in reply_route",
			Get: func(c *module.Ctx, _ *module.Ref) module.Value {
				i, ok := info(c)
				switch {
				case !c.SIP.IsRequest && (!ok || i.Branch < 0):
					return module.IntValue(-1)
				case !ok || i.Branch < 0:
					return module.IntValue(0)
				}
				return module.IntValue(int32(i.Branch))
			},
		},
		{
			Name: "T_reply_code", Type: check.TypeInt, Help: "status of this reply, of the winner in a failure route, else of the last one sent; 0 none",
			Get: func(c *module.Ctx, _ *module.Ref) module.Value {
				i, ok := info(c)
				if !ok && !c.SIP.IsRequest {
					i.Code = c.SIP.StatusCode
				}
				return module.IntValue(int32(i.Code))
			},
		},
		{
			Name: "T_reply_last", Help: "status of this reply, else of the last one sent upstream; empty if there is none",
			Get: func(c *module.Ctx, _ *module.Ref) module.Value {
				if i, ok := info(c); ok && i.Last != 0 {
					return module.IntValue(int32(i.Last))
				}
				return module.StrValue("")
			},
		},
		{Name: "T_reply_reason", Type: check.TypeStr, Help: "reason of this reply, or of the winner", Get: reason},
	}
	for _, v := range []struct {
		name, help string
		with       func(c *module.Ctx, f func(*module.Ctx)) bool
	}{
		{"T_req", "a variable of the transaction's request", func(c *module.Ctx, f func(*module.Ctx)) bool { return api.TM.WithRequest(c, f) }},
		{"T_inv", "a variable of the INVITE that a CANCEL is for", func(c *module.Ctx, f func(*module.Ctx)) bool { return api.TM.WithInvite(c, f) }},
		{"T_rpl", "a variable of this reply, or of the winner", func(c *module.Ctx, f func(*module.Ctx)) bool { return api.TM.WithReply(c, f) }},
	} {
		vs = append(vs, module.Var{Name: v.name, Inner: check.InnerVar, Help: v.help, Get: func(c *module.Ctx, r *module.Ref) module.Value {
			u, ok := r.Fixed.(*module.VarUse)
			if !ok || api.TM == nil {
				return module.Undef
			}
			out := module.Undef
			v.with(c, func(other *module.Ctx) {
				out = u.Get(other)
				out.Str = c.Keep(out.Str)
			})
			return out
		}})
	}
	return vs
}

func fields() []string {
	return []string{"id_index", "id_index_n", "id_label", "id_label_n", "reply_code", "reply_reason", "reply_last", "reply_type", "branch_index"}
}

// field is $T(x).
func field(c *module.Ctx, r *module.Ref) module.Value {
	if r.Inner == "reply_reason" {
		return reason(c, r)
	}
	i, ok := info(c)
	if !ok {
		return module.Undef
	}
	switch strings.TrimSuffix(r.Inner, "_n") {
	case "id_index":
		return module.StrValue(c.Itoa(int64(i.Index)))
	case "id_label":
		return module.StrValue(c.Itoa(int64(i.Label)))
	case "reply_code":
		return module.IntValue(int32(i.Code))
	case "reply_last":
		return module.IntValue(int32(i.Last))
	case "branch_index":
		return module.IntValue(int32(i.Branch))
	case "reply_type":
		if i.Local {
			return module.IntValue(1)
		}
		return module.IntValue(0)
	}
	return module.Undef
}

func branchField(c *module.Ctx, r *module.Ref) module.Value {
	i, ok := info(c)
	switch {
	case !ok:
		return module.Undef
	case r.Inner == "flags" && i.BranchURI != "":
		return module.IntValue(int32(i.BranchFlags))
	}
	return module.OptStr(i.BranchURI, i.BranchURI != "")
}

func reason(c *module.Ctx, _ *module.Ref) module.Value {
	out := module.StrValue("")
	if i, ok := info(c); ok && i.Local {
		return module.StrValue(i.Reason)
	}
	if api.TM != nil {
		api.TM.WithReply(c, func(rpl *module.Ctx) { out = module.StrValue(c.Keep(rpl.SIP.Reason)) })
	}
	return out
}
