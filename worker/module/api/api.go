// Package api holds what modules share with each other: interfaces, with one
// variable for each, set by the module that implements it when it starts and
// nil when it is not loaded.
package api

import "goser/worker/module"

// TM is module tm's, nil if it is not loaded.
var TM Transactions

// Transactions is what other modules may do with transactions.
type Transactions interface {
	// Has tells whether the message belongs to a transaction: a request for
	// which there is one already, or any message in one of tm's routes.
	Has(c *module.Ctx) bool
	// Reply answers from the transaction of the message: once, and again for
	// retransmissions.
	Reply(c *module.Ctx, code int, reason string) error

	// Info is what variables show of the transaction of the message.
	Info(c *module.Ctx) (Info, bool)
	// WithRequest calls f with the transaction's request restored.
	WithRequest(c *module.Ctx, f func(req *module.Ctx)) bool
	// WithReply calls f with the reply at hand, or the one that has won.
	WithReply(c *module.Ctx, f func(rpl *module.Ctx)) bool

	// Suspend keeps the request of c until Continue or fr_timer; the numbers
	// name it.
	Suspend(c *module.Ctx) (index, label uint32, ok bool)
	// Continue runs a request route with a suspended request.
	Continue(c *module.Ctx, index, label uint32, route string) bool
	// CancelBranches cancels all branches, those but the present one, or it.
	CancelBranches(c *module.Ctx, which byte) bool
	// FlushFlags copies the message flags into the transaction.
	FlushFlags(c *module.Ctx) bool
	// Drop ends the transaction without a reply.
	Drop(c *module.Ctx, code int) bool
	// CancelCall cancels the INVITE with this Call-ID and CSeq, whosever it is,
	// sets a flag of its (0: none), and says why (code 0: nothing). All
	// transactions are looked through.
	CancelCall(c *module.Ctx, callID, cseq string, flag, code int) bool
	// ReplyCall answers the request with this Call-ID and CSeq.
	ReplyCall(c *module.Ctx, callID, cseq string, code int, reason string) bool
	// WithInvite calls f with the INVITE of c's CANCEL restored.
	WithInvite(c *module.Ctx, f func(inv *module.Ctx)) bool
	// ReuseBranch makes the branch that has failed the destination again.
	ReuseBranch(c *module.Ctx) bool
	// ShowAck is for an ACK that proves that its client has received a reply of
	// ours: reply_amplification does not bound what is sent there for a while.
	ShowAck(c *module.Ctx)
	// Exists tells whether there is a transaction for this very request.
	Exists(c *module.Ctx) bool

	// Send sends a request of our own; r.Done learns how it ends, whoever dies
	// meanwhile. An error says that nothing was sent: then Done is not called.
	// It may wait. When the datagram of c is run again because its worker died,
	// what that one had sent is not sent twice.
	Send(c *module.Ctx, r *Request) error
}

// Info is what a transaction looks like from a route.
type Info struct {
	Index, Label uint32
	Branch       int // -1 outside branch and reply routes
	Winner       int // -1 none
	Code         int // of the reply that matters in the route, 0 none
	Local        bool
	Reason       string // of a reply of our own that matters in the route
	Last         int    // status of the last reply sent upstream
	BranchURI    string
	BranchFlags  uint32
}
