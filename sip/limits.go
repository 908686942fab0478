package sip

// Limits bounds what one message may make us do. The zero value of a field means the default.
type Limits struct {
	MaxHeaderBytes int // start line and headers together; 513
	MaxHeaders     int // header lines (folds count as one); 513
	MaxURI         int // bytes of the Request-URI; 414
	MaxVias        int // Via values; 483. A reply may have one more, ours; beyond it is dropped
	MaxRoutes      int // Route values, and Record-Route values; 513
	MaxContacts    int // Contact values; 513
	MaxBody        int // bytes of the body; 413
}

// DefaultLimits are the bounds that hold when nothing else is said. Seventy hops is what
// RFC 3261 §8.1.1.6 lets a request travel.
func DefaultLimits() Limits {
	return Limits{
		MaxHeaderBytes: 16384,
		MaxHeaders:     256,
		MaxURI:         4096,
		MaxVias:        70,
		MaxRoutes:      70,
		MaxContacts:    70,
		MaxBody:        65535,
	}
}

// withDefaults fills what was left zero and keeps counts within what Msg can index.
func (l Limits) withDefaults() Limits {
	d := DefaultLimits()
	fill := func(v *int, def, top int) {
		if *v <= 0 {
			*v = def
		}
		*v = min(*v, top)
	}
	fill(&l.MaxHeaderBytes, d.MaxHeaderBytes, 1<<24)
	fill(&l.MaxHeaders, d.MaxHeaders, 1<<15)
	fill(&l.MaxURI, d.MaxURI, 1<<24)
	fill(&l.MaxVias, d.MaxVias, 1<<15)
	fill(&l.MaxRoutes, d.MaxRoutes, 1<<15)
	fill(&l.MaxContacts, d.MaxContacts, 1<<15)
	fill(&l.MaxBody, d.MaxBody, 1<<30)
	return l
}
