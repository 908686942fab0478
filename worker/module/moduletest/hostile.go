package moduletest

import (
	"math/rand/v2"
	"strings"
)

// Fillings are what the header of a large message can be made of: a beginning, and a piece that comes again and again.
var Fillings = map[string][2]string{
	"folds":                {"Subject: a", "\r\n "},
	"folds and tabs":       {"Via: SIP/2.0/UDP a", "\r\n\t"},
	"empty headers":        {"X: y\r\n", "X:\r\n"},
	"short headers":        {"", "a:b\r\n"},
	"one-letter compact":   {"", "k:\r\n"},
	"Vias":                 {"", "Via: SIP/2.0/UDP a;branch=z9hG4bK2\r\n"},
	"Vias in a line":       {"Via: SIP/2.0/UDP a", ",SIP/2.0/UDP a"},
	"Via parameters":       {"Via: SIP/2.0/UDP a", ";a"},
	"Routes":               {"", "Route: <sip:a;lr>\r\n"},
	"Routes in a line":     {"Route: <sip:a;lr>", ",<sip:a;lr>"},
	"Record-Routes":        {"", "Record-Route: <sip:a;lr>\r\n"},
	"Contacts":             {"Contact: <sip:a>", ",<sip:a>"},
	"Contact parameters":   {"Contact: <sip:a>", ";a=b"},
	"From parameters":      {"f: <sip:a>", ";x"},
	"quotes":               {"Contact: ", "\""},
	"quoted pairs":         {"Contact: \"", "\\\""},
	"open quote":           {"Contact: \"", "a"},
	"open brackets":        {"Contact: ", "<"},
	"brackets":             {"Contact: ", "<>"},
	"commas":               {"Contact: a", ","},
	"semicolons":           {"Contact: <sip:a>", ";"},
	"equals":               {"Contact: <sip:a>;a", "="},
	"colons":               {"Subject", ":"},
	"ats":                  {"Contact: <sip:", "@"},
	"square brackets":      {"Via: SIP/2.0/UDP ", "["},
	"comments":             {"Subject: ", "("},
	"percent signs":        {"Contact: <sip:", "%4"},
	"digits":               {"Content-Length: ", "9"},
	"digits of CSeq":       {"CSeq: ", "1"},
	"spaces":               {"Subject: a", " "},
	"spaces before colon":  {"Subject", " "},
	"NUL":                  {"Subject: ", "\x00"},
	"high bytes":           {"Subject: ", "\xff"},
	"Content-Length again": {"", "Content-Length: 0\r\n"},
	"Authorization":        {"Authorization: Digest a=\"b\"", ",a=\"b\""},
	"bare CR":              {"Subject: ", "\r"},
	"bare LF":              {"", "a:\n"},
}

// Fill repeats a piece until the text has no room for another within size bytes.
func Fill(head, piece, end string, size int) string {
	return head + strings.Repeat(piece, (size-len(head)-len(end))/len(piece)) + end
}

var pieces = []string{
	"\r\n", "\n", "\r", "\x00", "\"", "<", ">", ";", ",", ":", "@", "[", "]", "%", "%00", "\t", " ", "\\", "=", "(", "?", "\r\n ",
	"\r\n\r\n", "99999999999999999999", "-1", "4294967296", "65536", "\xff\xfe", ";rport", ";branch=", "SIP/2.0", "sip:", "*",
	"Via: SIP/2.0/UDP 127.0.0.1\r\n", "Content-Length: 5\r\n", "v:", "l: 1\r\n", "Route: <sip:x;lr>\r\n",
}

// Damage damages one of some messages in one to six places, or splices two.
func Damage(rnd *rand.Rand, corpus [][]byte) []byte {
	data := append([]byte(nil), corpus[rnd.IntN(len(corpus))]...)
	if rnd.IntN(8) == 0 {
		other := corpus[rnd.IntN(len(corpus))]
		data = append(data[:rnd.IntN(len(data))], other[rnd.IntN(len(other)):]...)
	}
	for range 1 + rnd.IntN(6) {
		if len(data) == 0 {
			break
		}
		i := rnd.IntN(len(data))
		j := min(len(data), i+1+rnd.IntN(40))
		switch rnd.IntN(5) {
		case 0:
			data[i] = byte(rnd.Uint32())
		case 1: // take out
			data = append(data[:i], data[j:]...)
		case 2: // say again
			data = append(data[:j:j], data[i:]...)
		case 3: // put in
			data = append(data[:i:i], append([]byte(pieces[rnd.IntN(len(pieces))]), data[i:]...)...)
		case 4: // cut off
			if rnd.IntN(4) == 0 {
				data = data[:i]
			}
		}
	}
	return data
}
