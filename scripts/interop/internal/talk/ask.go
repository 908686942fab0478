package talk

import (
	"fmt"
	"strings"
)

// ask builds a request from "a METHOD URI" and, in any order,
//
//	id=c1        Call-ID, and part of the branch
//	cseq=1       CSeq number, and part of the branch: so an INVITE, its CANCEL and the ACK to a
//	             negative reply have the same branch by themselves
//	branch=x     another branch
//	totag=t      the To tag, for requests within a dialog
//	from=t       the From tag (ft)
//	hops=70      Max-Forwards
//
// more are further headers and, behind an empty line, the body.
func ask(words []string, more string) (string, error) {
	end, method, uri := words[0], words[1], words[2]
	v := map[string]string{"id": "c1", "cseq": "1", "from": "ft", "hops": "70", "totag": "", "branch": ""}
	for _, w := range words[3:] {
		key, value, ok := strings.Cut(w, "=")
		if _, known := v[key]; !ok || !known {
			return "", fmt.Errorf("%q: want id=, cseq=, branch=, totag=, from= or hops=", w)
		}
		v[key] = value
	}
	if v["branch"] == "" {
		v["branch"] = v["id"] + "." + v["cseq"]
	}
	if v["totag"] != "" {
		v["totag"] = ";tag=" + v["totag"]
	}
	headers, body, _ := strings.Cut("\n"+more, "\n\n")
	if headers = strings.Trim(headers, "\n"); headers != "" {
		headers += "\n"
	}
	return fmt.Sprintf("%s %s SIP/2.0\nVia: SIP/2.0/UDP 127.0.0.1:@%s@;branch=z9hG4bK%s\nMax-Forwards: %s\n"+
		"From: <sip:a@h.example>;tag=%s\nTo: <sip:b@h.example>%s\nCall-ID: %s@127.0.0.1\nCSeq: %s %s\n"+
		"Contact: <sip:a@127.0.0.1:@%[3]s@>\n%[11]sContent-Length: @CL@\n\n%[12]s",
		method, uri, end, v["branch"], v["hops"], v["from"], v["totag"], v["id"], v["cseq"], method, headers, body), nil
}
