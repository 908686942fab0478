package syntax

import (
	"cmp"
	"slices"
	"strings"
)

// Operator is a row of the table of operators, for documents and tools.
type Operator struct {
	Names  []string // all spellings
	Power  int      // higher binds tighter
	Prefix bool     // it stands before its operand
	Help   string
}

// operatorHelp says what each operator does; docs/language.md is made from it.
var operatorHelp = map[string]string{
	"||": "logical or: 1 or 0, the right side only if needed", "&&": "logical and, likewise",
	"|": "bitwise or", "&": "bitwise and", "^": "bitwise exclusive or",
	"<<": "shift left", ">>": "shift right, keeping the sign",
	"==": "equal: the right side is converted to the type of the left; with \"\" on the right it asks whether the text is empty",
	"!=": "not equal", "=~": "the text on the left matches the regular expression on the right, ignoring case", "!~": "it does not match",
	"eq": "equal as text", "ne": "not equal as text", "ieq": "equal as numbers", "ine": "not equal as numbers",
	"<": "less", ">": "greater", "<=": "less or equal", ">=": "greater or equal",
	"+": "sum, or text joined: the left side decides", "-": "difference", "*": "product", "/": "quotient", "mod": "remainder",
	"!": "logical not", "neg": "negative", "~": "bitwise not",
	"defined": "0 for a variable or select without a value", "int": "as number", "str": "as text",
}

// Operators lists the operators, those that bind loosest first.
func Operators() []Operator {
	byOp := map[string]*Operator{}
	for name, in := range infix {
		o := byOp[in.op]
		if o == nil {
			o = &Operator{Power: in.power, Help: operatorHelp[in.op]}
			byOp[in.op] = o
		}
		o.Names = append(o.Names, name)
	}
	list := []Operator{
		{Names: []string{"!", "not"}, Power: powerUnary, Prefix: true, Help: operatorHelp["!"]},
		{Names: []string{"-"}, Power: powerUnary, Prefix: true, Help: operatorHelp["neg"]},
		{Names: []string{"~"}, Power: powerUnary, Prefix: true, Help: operatorHelp["~"]},
		{Names: []string{"defined"}, Power: powerDefined, Prefix: true, Help: operatorHelp["defined"]},
		{Names: []string{"(int)"}, Power: powerCast, Prefix: true, Help: operatorHelp["int"]},
		{Names: []string{"(str)"}, Power: powerCast, Prefix: true, Help: operatorHelp["str"]},
	}
	for _, o := range byOp {
		slices.Sort(o.Names)
		list = append(list, *o)
	}
	slices.SortFunc(list, func(a, b Operator) int {
		return cmp.Or(cmp.Compare(a.Power, b.Power), strings.Compare(a.Names[0], b.Names[0]))
	})
	return list
}

// KeywordRow is a row of the table of keywords.
type KeywordRow struct{ Name, Class, Operators, Help string }

var keywordHelp = map[string]string{
	"method":   "method of the request, of a reply that of CSeq; the right side may be a bare word; case does not count",
	"uri":      "R-URI as it is now; in a reply the status code",
	"status":   "status code of a reply; in a request the R-URI, as it is the same word",
	"from_uri": "URI in From", "to_uri": "URI in To",
	"af": "address family of the source: INET or INET6", "proto": "transport it came by: UDP, TCP, TLS, SCTP",
	"src_ip": "source address", "src_port": "source port", "dst_ip": "local address it came to", "dst_port": "local port it came to",
	"msg:len": "length in bytes; in onsend_route of what is about to leave",
	"snd_ip":  "onsend_route: local address it is sent from", "snd_port": "onsend_route: local port",
	"snd_af": "onsend_route: address family", "snd_proto": "onsend_route: transport",
	"to_ip": "onsend_route: address it is sent to", "to_port": "onsend_route: port it is sent to",
	"to_af": "the same as snd_af", "to_proto": "the same as snd_proto",
}

// Keywords lists the words that a condition can compare, by name.
func Keywords() []KeywordRow {
	var list []KeywordRow
	for _, name := range keywordNames {
		class := keywords[name].class
		list = append(list, KeywordRow{name, class, kwOpHint[class], keywordHelp[name]})
	}
	return list
}

// Directives lists the words after #! or !!, by name.
func Directives() []string { return slices.Clone(directiveNames) }
