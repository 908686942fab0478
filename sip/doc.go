// Package sip is the wire: it takes SIP messages apart and puts them together.
//
// # What it does
//
// [Msg.Parse] finds the start line and the headers of a request or reply in place; typed values
// (Via, From, CSeq ...) are parsed when asked for and cached until the next Parse. [Check] says
// whether a message is one that RFC 3261 §16.3 and RFC 4475 let a proxy handle. [Edits] collects
// changes by offset; [AppendForward], [AppendReplyForward] and [AppendReply] write the outgoing
// bytes in one pass. The package does no I/O and keeps no state of its own.
//
// # Views
//
// Every string that comes out of a Msg is a view of the text given to Parse and every pointer and
// slice a view of the Msg. They are valid only while the message is handled; whoever keeps one
// longer must clone it (strings.Clone). A Msg and an Edits are reused: after they are warm,
// parsing and building allocate nothing.
//
// # What it refuses, and how
//
// Every refusal is a [ParseError], which names the header, the offset and the reply code that the
// message deserves; code 0 means that nobody can or may be answered (replies, ACK, requests
// without a usable Via, what is no SIP at all). Every size has a bound in [Limits]. All work is
// linear in the size of the message.
//
// # What it implements
//
// RFC 3261 (syntax §25, §7, §8.2.6, §16.3, §16.6, §16.7, §18.2.1, §19.1, §20), RFC 3581 (rport),
// RFC 3966 (tel URIs), RFC 4475 (torture tests), RFC 5118 (IPv6), the methods of RFC 3262, 3311,
// 3428, 3515, 3903, 6086 and 6665.
package sip
