package fsm

// InviteClient is RFC 6026 figure 6 (in place of RFC 3261 figure 5), with the
// proxy's timer C while it proceeds (RFC 3261 §16.8): a provisional reply other
// than 100 extends it, which the user decides who knows the status.
var InviteClient = machine("INVITE client", []arrow{
	{None, Begin, Calling, SendRequest | SetRetransmit | SetTimeout},

	{Calling, Retransmit, Calling, SendRequest | SetRetransmit},
	{Calling, Timeout, Terminated, Fail},
	{Calling, TransportError, Terminated, Fail},
	{Calling, Recv1xx, Proceeding, PassUp | StopRetransmit | SetProgress},
	{Calling, Recv2xx, Accepted, PassUp | StopRetransmit | StopTimeout | SetWait},
	{Calling, RecvFail, Completed, PassUp | SendAck | StopRetransmit | StopTimeout | SetWait},

	{Proceeding, Recv1xx, Proceeding, PassUp | SetProgress},
	{Proceeding, Recv2xx, Accepted, PassUp | StopTimeout | SetWait},
	{Proceeding, RecvFail, Completed, PassUp | SendAck | StopTimeout | SetWait},
	{Proceeding, Timeout, Terminated, Fail},

	{Accepted, Recv2xx, Accepted, PassUp}, // RFC 6026 §8.4: each 2xx goes on
	{Accepted, Wait, Terminated, 0},       // timer M

	{Completed, RecvFail, Completed, SendAck},
	{Completed, TransportError, Terminated, Fail},
	{Completed, Wait, Terminated, 0}, // timer D
})

// Client is RFC 3261 figure 6, the client transaction of all other methods.
var Client = machine("non-INVITE client", []arrow{
	{None, Begin, Trying, SendRequest | SetRetransmit | SetTimeout},

	{Trying, Retransmit, Trying, SendRequest | SetRetransmit},
	{Trying, Timeout, Terminated, Fail},
	{Trying, TransportError, Terminated, Fail},
	{Trying, Recv1xx, Proceeding, PassUp | SlowRetransmit},
	{Trying, Recv2xx, Completed, PassUp | StopRetransmit | StopTimeout | SetWait},
	{Trying, RecvFail, Completed, PassUp | StopRetransmit | StopTimeout | SetWait},

	{Proceeding, Retransmit, Proceeding, SendRequest | SlowRetransmit},
	{Proceeding, Timeout, Terminated, Fail},
	{Proceeding, TransportError, Terminated, Fail},
	{Proceeding, Recv1xx, Proceeding, PassUp},
	{Proceeding, Recv2xx, Completed, PassUp | StopRetransmit | StopTimeout | SetWait},
	{Proceeding, RecvFail, Completed, PassUp | StopRetransmit | StopTimeout | SetWait},

	{Completed, Wait, Terminated, 0}, // timer K
})
