package fsm

// InviteServer is RFC 6026 figure 5 (in place of RFC 3261 figure 7).
var InviteServer = machine("INVITE server", []arrow{
	{None, Begin, Proceeding, PassUp}, // the 100 is the user's to send (RFC 3261 §16.2)

	{Proceeding, RecvRequest, Proceeding, SendReply},
	{Proceeding, Send1xx, Proceeding, SendReply},
	{Proceeding, Send2xx, Accepted, SendReply | SetWait},
	{Proceeding, SendFail, Completed, SendReply | SetRetransmit | SetTimeout},
	{Proceeding, TransportError, Proceeding, Fail},

	{Accepted, RecvRequest, Accepted, 0}, // absorbed: the 2xx is repeated end to end
	{Accepted, RecvAck, Accepted, PassUp},
	{Accepted, Send2xx, Accepted, SendReply},
	{Accepted, TransportError, Accepted, Fail},
	{Accepted, Wait, Terminated, 0}, // timer L

	{Completed, RecvRequest, Completed, SendReply},
	{Completed, Retransmit, Completed, SendReply | SetRetransmit},
	{Completed, RecvAck, Confirmed, StopRetransmit | StopTimeout | SetWait},
	{Completed, Timeout, Terminated, Fail},
	{Completed, TransportError, Completed, Fail},

	{Confirmed, RecvAck, Confirmed, 0},
	{Confirmed, RecvRequest, Confirmed, 0},
	{Confirmed, Wait, Terminated, 0}, // timer I
})

// Server is RFC 3261 figure 8, the server transaction of all other methods.
var Server = machine("non-INVITE server", []arrow{
	{None, Begin, Trying, PassUp},

	{Trying, RecvRequest, Trying, 0},
	{Trying, Send1xx, Proceeding, SendReply},
	{Trying, Send2xx, Completed, SendReply | SetWait},
	{Trying, SendFail, Completed, SendReply | SetWait},

	{Proceeding, RecvRequest, Proceeding, SendReply},
	{Proceeding, Send1xx, Proceeding, SendReply},
	{Proceeding, Send2xx, Completed, SendReply | SetWait},
	{Proceeding, SendFail, Completed, SendReply | SetWait},
	{Proceeding, TransportError, Terminated, Fail},

	{Completed, RecvRequest, Completed, SendReply},
	{Completed, TransportError, Terminated, Fail},
	{Completed, Wait, Terminated, 0}, // timer J
})
