package sl

import (
	"strconv"

	"goser/worker/module"
)

// statuses are the replies that are counted one by one.
var statuses = [...]int{200, 202, 300, 301, 302, 400, 401, 403, 404, 407, 408, 483, 500}

type counterIDs struct {
	class                           [7]module.Counter // by hundreds; 0: other
	status                          [len(statuses)]module.Counter
	replies, errors, failures, acks module.Counter
}

var counters counterIDs

func (k *counterIDs) declare() []module.CounterDecl {
	ds := []module.CounterDecl{
		{Name: "sl.sent_replies", Help: "stateless replies sent", ID: &k.replies},
		{Name: "sl.sent_err_replies", Help: "replies sent by sl_reply_error", ID: &k.errors},
		{Name: "sl.failures", Help: "stateless replies that could not be sent", ID: &k.failures},
		{Name: "sl.received_ACKs", Help: "ACKs to stateless replies, absorbed", ID: &k.acks},
		{Name: "sl.xxx_replies", Help: "stateless replies of any other class", ID: &k.class[0]},
	}
	for i := 1; i <= 6; i++ {
		ds = append(ds, module.CounterDecl{
			Name: "sl." + strconv.Itoa(i) + "xx_replies",
			Help: "stateless replies of this class", ID: &k.class[i],
		})
	}
	for i, s := range statuses {
		ds = append(ds, module.CounterDecl{
			Name: "sl." + strconv.Itoa(s) + "_replies",
			Help: "stateless replies with this status", ID: &k.status[i],
		})
	}
	return ds
}

func (k *counterIDs) sent(e module.Env, code int) {
	e.Count(k.replies, 1)
	e.Count(k.class[code/100], 1)
	for i, s := range statuses {
		if s == code {
			e.Count(k.status[i], 1)
			return
		}
	}
}
