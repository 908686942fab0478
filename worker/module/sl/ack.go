package sl

import (
	"goser/cfg/check"
	"goser/sip"
	"goser/worker/module"
	"goser/worker/module/api"
)

// absorbACK ends the ACK to a negative reply of our own: its To tag is the one
// we gave. The tag is computed from the request and its source, so that no memory
// of having answered is needed, and any worker knows it.
func absorbACK(c *module.Ctx) bool {
	if c.SIP.Method != sip.MethodAck {
		return true
	}
	to, err := c.SIP.To()
	if err != nil || to.Tag == "" || to.Tag != c.Env.LocalTag(c) {
		return true
	}
	c.Env.Count(counters.acks, 1)
	if api.TM != nil {
		api.TM.ShowAck(c)
	}
	if handled(c, "sl:filtered-ack") {
		c.Runner.Call(c, check.EventRoute, "sl:filtered-ack")
	}
	return false
}
