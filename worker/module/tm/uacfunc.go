package tm

import (
	"errors"
	"fmt"
	"strings"

	"goser/cfg/check"
	"goser/sip"
	"goser/worker/module"
	"goser/worker/module/api"
)

// ownFuncs send requests of our own.
func ownFuncs() []module.Func {
	return []module.Func{{
		Name: "t_uac_send", In: check.AnyRoute, MinArgs: 5, Waits: true, Do: do(uacSend),
		Args: arg(check.ArgFormat, check.ArgFormat, check.ArgFormat, check.ArgFormat, check.ArgFormat, check.ArgFormat),
		Help: "sends a request of our own: method, R-URI, next hop, socket, headers with From and To, body; it does not wait for the answer",
	}}
}

func uacSend(s *state, c *module.Ctx, a *module.Args) int {
	var text [6]string
	for i := range text {
		if v := a.Value(i); !v.IsUndef() {
			text[i] = c.Text(v)
		}
	}
	r := api.Request{Method: text[0], RURI: text[1], NextHop: text[2], Body: text[5]}
	err := s.readSocket(c, &r, text[3])
	if err == nil {
		err = s.readHeaders(&r, text[4])
	}
	if err == nil {
		err = service{}.Send(c, &r)
	}
	if err != nil && !errors.Is(err, errDropped) {
		return c.Fail(-1, c.Concat("t_uac_send: ", err.Error()))
	}
	return 1
}

// readSocket finds the listening socket that [proto:]host[:port] names.
func (s *state) readSocket(c *module.Ctx, r *api.Request, name string) error {
	if name == "" {
		return nil
	}
	t, err := parseProxy(name)
	if err != nil {
		return fmt.Errorf("socket %q: %w", name, err)
	}
	host := t.Host
	if host == "" {
		host = t.IP.String()
	}
	if r.Socket = s.env.FindSocket(t.Proto, host, t.Port); r.Socket == nil {
		return fmt.Errorf("no listening socket matches %q", name)
	}
	return nil
}

// readHeaders sorts header lines into those that have a place of their own and
// the others. What follows an empty line is left out, as the original does.
func (s *state) readHeaders(r *api.Request, lines string) error {
	if lines != "" && !strings.HasSuffix(lines, "\n") {
		lines += "\r\n"
	}
	m := s.env.Borrow()
	defer s.env.Return(m)
	if err := m.SIP.Parse("OPTIONS sip:headers SIP/2.0\r\n" + lines + "\r\n"); err != nil {
		return fmt.Errorf("headers: %w", err)
	}
	var rest strings.Builder
	for i := range m.SIP.Headers {
		h := &m.SIP.Headers[i]
		switch h.Type {
		case sip.HdrFrom:
			r.From = strings.Clone(h.Body)
		case sip.HdrTo:
			r.To = strings.Clone(h.Body)
		case sip.HdrCallID:
			r.CallID = strings.Clone(h.Body)
		case sip.HdrCSeq:
			q, err := m.SIP.CSeq()
			if err != nil {
				return fmt.Errorf("headers: CSeq: %w", err)
			}
			r.CSeq = q.Number
		case sip.HdrContentLength:
		default:
			rest.WriteString(m.SIP.Raw[h.Start:h.End])
		}
	}
	r.Headers = rest.String()
	switch {
	case r.From == "":
		return errors.New("headers: From is missing")
	case r.To == "":
		return errors.New("headers: To is missing")
	case r.Body != "" && m.SIP.First(sip.HdrContentType) == nil:
		return errNoType
	}
	return nil
}
