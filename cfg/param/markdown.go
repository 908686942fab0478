package param

import (
	"cmp"
	"fmt"
	"io"
	"strings"
)

// groupTitles are the chapters, in order, each with what it is about.
var groupTitles = []struct {
	group        Group
	title, about string
}{
	{GroupCore, "Core", "Processes, logging, addresses, messages and the script."},
	{GroupLimits, "Limits", "What strangers can cause, bounded. All are on by default; the original has none of them."},
	{GroupDNS, "Name resolution", "Name servers and the cache of their answers."},
	{GroupTCP, "TCP", "Connections, TLS included."},
	{GroupSCTP, "SCTP", "Associations. What is not set is left to the operating system."},
	{GroupBlacklist, "Destination blacklist", "Destinations to which sending failed."},
	{GroupRealTime, "Real time", "How the system schedules the processes (sched(7))."},
	{GroupKamailio, "Kamailio 4 and 5", "What files for Kamailio use beyond SIP Router. Those with *never* need nothing here."},
	{GroupTLS, "TLS in the core (legacy)", "Accepted for old configurations, with a warning, and ignored."},
	{GroupOld, "SER and OpenSER (legacy)", "What old files set and nothing here needs: accepted with a warning that says why, and ignored."},
}

const preface = `# Core parameters

This page is made from the table in cfg/param; ` + "`go test ./cfg/param -update`" + ` writes it anew.

A parameter is set at the top level of the configuration file, as ` + "`name = value`" + `, without a semicolon. The last
assignment counts; command line options have precedence over the file. Numbers have 32 bits and may be written in
decimal, hexadecimal (0x1f), octal (037) or binary (11111b). Booleans are yes, true, on, enable or 1, and no, false, off,
disable or 0.

- **Type**: with the unit and the range. A range in parentheses is advice: another value takes effect as far as it can,
  with a warning. Any other is an error.
- **Run time**: ` + "`sercmd cfg.set_now_int GROUP NAME VALUE`" + ` changes it, within the range given. *Atomic* ones are
  seen by all processes at once, the others by each at its next message or timer tick.
- **Acts**: *no* means that the server accepts the parameter and does not do yet what is described here. It warns at
  start about those in use, and ` + "`ser --pending`" + ` lists all.

Variables of your own are not here: ` + "`group.name = value desc \"text\"`" + ` declares one, with a number or a string, for
scripts to read as @cfg_get.group.name and for ` + "`sercmd`" + ` to change.
`

// Markdown writes docs/parameters.md.
func Markdown(w io.Writer) error {
	var b strings.Builder
	b.WriteString(preface)
	for _, g := range groupTitles {
		fmt.Fprintf(&b, "\n## %s\n\n%s\n\n", g.title, g.about)
		b.WriteString("| Name | Type | Default | Run time | CLI | Acts | Meaning |\n|---|---|---|---|---|---|---|\n")
		for i := range table {
			if table[i].Group == g.group {
				b.WriteString(table[i].markdownRow())
			}
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func (p *Param) markdownRow() string {
	cells := []string{p.nameCell(), p.typeCell(), p.defaultCell(), p.runtimeCell(), p.cliCell(), p.actsCell(), p.helpCell()}
	for i, c := range cells {
		cells[i] = strings.ReplaceAll(c, "|", `\|`)
	}
	return "| " + strings.Join(cells, " | ") + " |\n"
}

func (p *Param) nameCell() string {
	if p.RTOnly {
		return "(run time only)"
	}
	cell := "`" + p.Name + "`"
	for _, a := range p.Aliases {
		cell += "<br>`" + a + "`"
	}
	switch p.Since {
	case "":
	case goser:
		cell += "<br>(ours)"
	default:
		cell += "<br>(since " + p.Since + ")"
	}
	return cell
}

func (p *Param) typeCell() string {
	cell := p.Type.String()
	if p.Unit != NoUnit {
		cell += ", " + string(p.Unit)
	}
	if p.Min == 0 && p.Max == 0 {
		return cell
	}
	bounds := fmt.Sprintf("%d..%s", p.Min, upperBound(p.Max))
	if !p.Strict {
		bounds = "(" + bounds + ")"
	}
	return cell + " " + bounds
}

func upperBound(n int) string {
	if n == maxInt {
		return ""
	}
	return fmt.Sprint(n)
}

func (p *Param) defaultCell() string {
	value := ""
	switch {
	case p.Default.Kind == None:
	case p.Type == Bool:
		value = [...]string{"no", "yes"}[p.Default.Num]
	case p.Default.Num == maxInt && p.DefaultText != "":
	case p.DefaultText != "" && p.Default.Num <= 0 && p.Type != IntSigned || p.Default.Kind == Word && p.DefaultText != "":
	default:
		value = p.Default.String()
	}
	if value == "" || p.DefaultText == "" {
		return cmp.Or(value, p.DefaultText, "-")
	}
	return value + " (" + p.DefaultText + ")"
}

func (p *Param) runtimeCell() string {
	rt := p.RT
	if rt.Name == "" {
		return "-"
	}
	cell := "`" + rt.Group + " " + rt.Name + "`"
	if rt.Min != 0 || rt.Max != 0 {
		cell += fmt.Sprintf(" %d..%s", rt.Min, upperBound(rt.Max))
	}
	switch {
	case rt.ReadOnly:
		cell += ", read only"
	case rt.Atomic:
		cell += ", atomic"
	}
	return cell
}

func (p *Param) cliCell() string {
	if p.CLI == 0 {
		return "-"
	}
	return "`-" + string(p.CLI) + "`"
}

func (p *Param) actsCell() string {
	switch {
	case p.Legacy != "":
		return "never"
	case p.Acts:
		return "yes"
	}
	return "no"
}

func (p *Param) helpCell() string {
	cell := p.Help
	if len(p.Choices) > 0 {
		cell += " " + p.choiceSentence()
	}
	if p.OrderBeforeModparam {
		cell += " Must precede the first modparam and the first route block."
	}
	if p.Legacy != "" {
		cell += " No effect: " + p.Legacy + "."
	}
	if p.Note != "" {
		cell += " *" + p.Note + "*"
	}
	return cell
}

// choiceSentence lists what may be chosen: names alone where a name is written, else what numbers mean.
func (p *Param) choiceSentence() string {
	if p.Type == Enum || p.Type == Proto || p.Type == TOSNumber {
		return "One of " + p.choiceNames() + "."
	}
	meanings := make([]string, len(p.Choices))
	for i, c := range p.Choices {
		meanings[i] = fmt.Sprintf("%d %s", c.Value, c.Name)
	}
	return strings.Join(meanings, ", ") + "."
}

// DefaultDoc is the default as documents have it, "" if there is none.
func (p *Param) DefaultDoc() string {
	if d := p.defaultCell(); d != "-" {
		return d
	}
	return ""
}
