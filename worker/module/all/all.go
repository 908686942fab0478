// Package all is the list of the modules that are built in. Whoever imports it
// has them registered with package module.
package all

import (
	_ "goser/worker/module/avpops"
	_ "goser/worker/module/cfgutils"
	_ "goser/worker/module/corex"
	_ "goser/worker/module/counters"
	_ "goser/worker/module/db_text"
	_ "goser/worker/module/kex"
	_ "goser/worker/module/maxfwd"
	_ "goser/worker/module/pv"
	_ "goser/worker/module/regex"
	_ "goser/worker/module/rr"
	_ "goser/worker/module/sanity"
	_ "goser/worker/module/siputils"
	_ "goser/worker/module/sl"
	_ "goser/worker/module/statistics"
	_ "goser/worker/module/textops"
	_ "goser/worker/module/textopsx"
	_ "goser/worker/module/tm"
	_ "goser/worker/module/tmx"
	_ "goser/worker/module/xlog"
)
