package supervisor

import (
	"fmt"

	"goser/cfg/param"
	"goser/supervisor/listen"
	"goser/worker/handoff"
)

// plannedRows is the process table below row 0, in the original's order:
// children for each UDP socket, the slow timer, the timer. Ranks count the
// receivers from 1; timers have -1.
func (s *server) plannedRows() []*row {
	var rows []*row
	add := func(role handoff.Role, rank, socket int, desc string) {
		rows = append(rows, &row{birth: handoff.Birth{Role: role, Rank: rank, Socket: socket, Desc: desc, Index: len(rows) + 1}})
	}
	rank := 1
	for i, sock := range s.Plan.Sockets {
		for child := range s.receivers(sock) {
			desc := fmt.Sprintf("udp receiver child=%d sock=%v", child, sock.Addr)
			if s.Mode == Alone {
				desc = fmt.Sprintf("stand-alone receiver @ %v", sock.Addr)
			}
			add(handoff.RoleUDP, rank, i, desc)
			rank++
		}
	}
	add(handoff.RoleSlowTimer, -1, -1, "slow timer")
	add(handoff.RoleTimer, -1, -1, "timer")
	return rows
}

// receivers is how many processes receive on a socket.
func (s *server) receivers(sock listen.Socket) int {
	switch {
	case s.Mode == Alone:
		return 1
	case sock.Workers > 0:
		return sock.Workers
	}
	return s.Values.Int(param.Children)
}
