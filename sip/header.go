package sip

// HeaderType names a header that somebody looks for; all others are HdrOther.
type HeaderType uint8

// The header types. HdrBad is a line that is no header at all (no name, or no colon).
const (
	HdrOther HeaderType = iota
	HdrBad
	HdrVia
	HdrFrom
	HdrTo
	HdrCallID
	HdrCSeq
	HdrMaxForwards
	HdrContentLength
	HdrContentType
	HdrContact
	HdrRoute
	HdrRecordRoute
	HdrProxyRequire
	HdrRequire
	HdrSupported
	HdrUnsupported
	HdrAllow
	HdrAllowEvents
	HdrAccept
	HdrAcceptEncoding
	HdrAcceptLanguage
	HdrAcceptContact
	HdrRejectContact
	HdrRequestDisposition
	HdrAuthorization
	HdrProxyAuthorization
	HdrWWWAuthenticate
	HdrProxyAuthenticate
	HdrAuthenticationInfo
	HdrExpires
	HdrMinExpires
	HdrSessionExpires
	HdrMinSE
	HdrEvent
	HdrSubscriptionState
	HdrUserAgent
	HdrServer
	HdrSubject
	HdrDate
	HdrTimestamp
	HdrRetryAfter
	HdrWarning
	HdrReason
	HdrReferTo
	HdrReferredBy
	HdrReplaces
	HdrJoin
	HdrInReplyTo
	HdrReplyTo
	HdrPath
	HdrServiceRoute
	HdrPAssertedIdentity
	HdrPPreferredIdentity
	HdrPrivacy
	HdrRemotePartyID
	HdrDiversion
	HdrHistoryInfo
	HdrIdentity
	HdrIdentityInfo
	HdrContentEncoding
	HdrContentDisposition
	HdrContentLanguage
	HdrMIMEVersion
	HdrOrganization
	HdrPriority
	HdrRSeq
	HdrRAck
	HdrSIPETag
	HdrSIPIfMatch
	HdrAlertInfo
	HdrCallInfo
	HdrErrorInfo
	numHeaderTypes
)

// headerNames holds the canonical name and, where one is registered, the compact form.
var headerNames = [numHeaderTypes]struct {
	name    string
	compact byte
}{
	HdrVia:                {"Via", 'v'},
	HdrFrom:               {"From", 'f'},
	HdrTo:                 {"To", 't'},
	HdrCallID:             {"Call-ID", 'i'},
	HdrCSeq:               {"CSeq", 0},
	HdrMaxForwards:        {"Max-Forwards", 0},
	HdrContentLength:      {"Content-Length", 'l'},
	HdrContentType:        {"Content-Type", 'c'},
	HdrContact:            {"Contact", 'm'},
	HdrRoute:              {"Route", 0},
	HdrRecordRoute:        {"Record-Route", 0},
	HdrProxyRequire:       {"Proxy-Require", 0},
	HdrRequire:            {"Require", 0},
	HdrSupported:          {"Supported", 'k'},
	HdrUnsupported:        {"Unsupported", 0},
	HdrAllow:              {"Allow", 0},
	HdrAllowEvents:        {"Allow-Events", 'u'},
	HdrAccept:             {"Accept", 0},
	HdrAcceptEncoding:     {"Accept-Encoding", 0},
	HdrAcceptLanguage:     {"Accept-Language", 0},
	HdrAcceptContact:      {"Accept-Contact", 'a'},
	HdrRejectContact:      {"Reject-Contact", 'j'},
	HdrRequestDisposition: {"Request-Disposition", 'd'},
	HdrAuthorization:      {"Authorization", 0},
	HdrProxyAuthorization: {"Proxy-Authorization", 0},
	HdrWWWAuthenticate:    {"WWW-Authenticate", 0},
	HdrProxyAuthenticate:  {"Proxy-Authenticate", 0},
	HdrAuthenticationInfo: {"Authentication-Info", 0},
	HdrExpires:            {"Expires", 0},
	HdrMinExpires:         {"Min-Expires", 0},
	HdrSessionExpires:     {"Session-Expires", 'x'},
	HdrMinSE:              {"Min-SE", 0},
	HdrEvent:              {"Event", 'o'},
	HdrSubscriptionState:  {"Subscription-State", 0},
	HdrUserAgent:          {"User-Agent", 0},
	HdrServer:             {"Server", 0},
	HdrSubject:            {"Subject", 's'},
	HdrDate:               {"Date", 0},
	HdrTimestamp:          {"Timestamp", 0},
	HdrRetryAfter:         {"Retry-After", 0},
	HdrWarning:            {"Warning", 0},
	HdrReason:             {"Reason", 0},
	HdrReferTo:            {"Refer-To", 'r'},
	HdrReferredBy:         {"Referred-By", 'b'},
	HdrReplaces:           {"Replaces", 0},
	HdrJoin:               {"Join", 0},
	HdrInReplyTo:          {"In-Reply-To", 0},
	HdrReplyTo:            {"Reply-To", 0},
	HdrPath:               {"Path", 0},
	HdrServiceRoute:       {"Service-Route", 0},
	HdrPAssertedIdentity:  {"P-Asserted-Identity", 0},
	HdrPPreferredIdentity: {"P-Preferred-Identity", 0},
	HdrPrivacy:            {"Privacy", 0},
	HdrRemotePartyID:      {"Remote-Party-ID", 0},
	HdrDiversion:          {"Diversion", 0},
	HdrHistoryInfo:        {"History-Info", 0},
	HdrIdentity:           {"Identity", 'y'},
	HdrIdentityInfo:       {"Identity-Info", 'n'},
	HdrContentEncoding:    {"Content-Encoding", 'e'},
	HdrContentDisposition: {"Content-Disposition", 0},
	HdrContentLanguage:    {"Content-Language", 0},
	HdrMIMEVersion:        {"MIME-Version", 0},
	HdrOrganization:       {"Organization", 0},
	HdrPriority:           {"Priority", 0},
	HdrRSeq:               {"RSeq", 0},
	HdrRAck:               {"RAck", 0},
	HdrSIPETag:            {"SIP-ETag", 0},
	HdrSIPIfMatch:         {"SIP-If-Match", 0},
	HdrAlertInfo:          {"Alert-Info", 0},
	HdrCallInfo:           {"Call-Info", 0},
	HdrErrorInfo:          {"Error-Info", 0},
}

// String is the canonical name, "" for HdrOther and HdrBad.
func (t HeaderType) String() string {
	if t < numHeaderTypes {
		return headerNames[t].name
	}
	return ""
}

// Header is one header line, folds included.
type Header struct {
	Type HeaderType
	Name string // as written; "" for HdrBad
	Body string // trimmed; folds still inside

	Start, End int // the whole header in Msg.Raw, End behind its line end
	BodyStart  int // where Body begins in Msg.Raw

	next int32 // index of the next header of the type, 0 when none
}

// BodyEnd is where Body ends in Msg.Raw.
func (h *Header) BodyEnd() int { return h.BodyStart + len(h.Body) }
