package tm

import (
	"slices"
	"strconv"
	"strings"

	"goser/worker/module"
)

// The destinations that wait for their turn are an AVP of their own: it goes
// with the transaction by itself, to whatever process runs its failure route.
const contactsAVP = "s:__tm_contacts"

// loadContacts is t_load_contacts: the R-URI and the branches, sorted by q, are
// put aside. With less than two there is nothing to do.
func loadContacts(s *state, c *module.Ctx, a *module.Args) int {
	if c.Dest.N == 0 {
		return 1
	}
	list := [module.MaxBranches]module.Branch{{URI: c.RequestURI(), Dst: c.Dest.Next, Q: s.uriQ, Flags: c.Dest.Flags, Socket: c.Dest.Socket}}
	n := 1 + copy(list[1:], c.Dest.Branches[:c.Dest.N])
	all := list[:n]
	for i := range all {
		all[i].Q = max(all[i].Q, 0) // unknown: the last
	}
	if a.Int(0, 0) == 1 {
		s.shuffle(all)
		slices.Reverse(all)
	} else {
		slices.SortStableFunc(all, func(x, y module.Branch) int { return int(x.Q) - int(y.Q) })
	}
	c.AVPs.Clear(contactsAVP)
	group := 0
	for i := range all { // the last pushed is the first found
		if a.Int(0, 0) == 1 || i > 0 && all[i].Q != all[i-1].Q {
			group++
		}
		if !c.AVPs.Push(contactsAVP, module.StrValue(packContact(c, &all[i], group))) {
			return -1
		}
	}
	clear(c.Dest.Branches[:c.Dest.N])
	c.Dest.N = 0
	return 1
}

// shuffle orders by chance, those with a high q likely first.
func (s *state) shuffle(all []module.Branch) {
	for i := range all {
		sum := 0
		for _, b := range all[i:] {
			sum += int(b.Q) + 1
		}
		at := int(s.env.Random() % uint64(sum))
		for k := i; k < len(all); k++ {
			if at -= int(all[k].Q) + 1; at < 0 {
				all[i], all[k] = all[k], all[i]
				break
			}
		}
	}
}

func packContact(c *module.Ctx, b *module.Branch, group int) string {
	socket := 0
	if b.Socket != nil {
		socket = b.Socket.Index + 1
	}
	return c.Concat(c.Itoa(int64(group)), " ", c.Itoa(int64(b.Q)), " ", c.Itoa(int64(b.Flags)), " ", c.Itoa(int64(socket)),
		"\n", b.URI, "\n", b.Dst, "\n", b.Path)
}

func (s *state) unpackContact(v string) (b module.Branch, group string) {
	head, rest, _ := strings.Cut(v, "\n")
	b.URI, rest, _ = strings.Cut(rest, "\n")
	b.Dst, b.Path, _ = strings.Cut(rest, "\n")
	group, head, _ = strings.Cut(head, " ")
	q, head, _ := strings.Cut(head, " ")
	flags, socket, _ := strings.Cut(head, " ")
	n, _ := strconv.Atoi(q)
	f, _ := strconv.ParseUint(flags, 10, 32)
	i, _ := strconv.Atoi(socket)
	b.Q, b.Flags = int16(n), uint32(f)
	if all := s.env.Sockets(); i > 0 && i <= len(all) {
		b.Socket = all[i-1]
	}
	return b, group
}

// nextContacts is t_next_contacts: the next group becomes R-URI and branches.
func nextContacts(s *state, c *module.Ctx, _ *module.Args) int {
	first := c.AVPs.Get(contactsAVP, 0)
	if first == nil {
		if c.Route == 0 && !c.Tx.Held { // nothing was put aside: one contact alone
			return 1
		}
		return -2
	}
	b, group := s.unpackContact(c.Keep(first.Value.Str))
	c.AVPs.Pop(contactsAVP)
	c.Dest.URI, c.Dest.Next, c.Dest.Flags, c.Dest.Socket = b.URI, b.Dst, b.Flags, b.Socket
	clear(c.Dest.Branches[:c.Dest.N])
	for c.Dest.N = 0; c.Dest.N < len(c.Dest.Branches); c.Dest.N++ {
		next := c.AVPs.Get(contactsAVP, 0)
		if next == nil {
			break
		}
		more, g := s.unpackContact(c.Keep(next.Value.Str))
		if g != group {
			break
		}
		c.AVPs.Pop(contactsAVP)
		c.Dest.Branches[c.Dest.N] = more
	}
	return 1
}
