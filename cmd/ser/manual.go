package main

import (
	"fmt"
	"io"
	"strings"

	"goser/cfg/param"
)

const manualHead = `.\" made by ser --man from the tables of options and parameters
.TH SER 8 "" "ser" "System administration"
.SH NAME
ser \- SIP server
.SH SYNOPSIS
.B ser
.RI [ options ]
.br
.B ser fmt
.RI [ options ] " " [ file ...]
.br
.B ser lint
.RI [ options ] " " [ file ]
.SH DESCRIPTION
.B ser
routes SIP (RFC 3261). It reads a configuration in the language of SIP Router and Kamailio, opens its
sockets, starts a process for each task, and goes into the background. The command returns 0 when
every process is ready to serve, 255 with the reason on stderr if one is not.
.PP
Processes share memory that outlives any of them. One that dies is started again at once, and finishes
what the other had begun.
.SH OPTIONS
Options without an argument can be joined, as in
.BR \-DDE .
`

const manualTail = `.SH SIGNALS
To the supervisor, whose number is in the pid file:
.TP
.BR TERM ", " INT
Ends the server. Workers finish the message at hand; those that have not ended after exit_timeout are
killed. A second signal kills them at once, so does
.BR ALRM .
.TP
.B USR1
Writes the process table and the memory report to the log, and the counters to the file of
.BR \-s .
The report is written if
.I memlog
is not above
.IR debug ,
and has the parts that
.I mem_summary
chooses.
.TP
.BR HUP ", " USR2 ", " PIPE
Ignored. There is no reload: restart the server.
.PP
A worker ends on TERM and INT (the supervisor starts it again) and writes a report of its private memory
on USR1.
.SH EXIT STATUS
.TP
.B 0
An orderly end; in the background, every process is ready; with
.BR \-c ,
the configuration is good.
.TP
.B 255
Anything else. The reason is on stderr.
.SH ENVIRONMENT
.TP
.B NO_COLOR
If set, the log has no colours on a terminal.
.TP
.BR NOTIFY_SOCKET ", " WATCHDOG_USEC
Of a service manager (sd_notify(3)): it is told when every process is ready and when the server stops,
and its watchdog is fed while each socket has a receiver that works and the timers tick.
.SH FILES
.TP
.I /etc/ser/ser.cfg
The configuration.
.TP
.I /etc/default/ser
Variables of the init script and the unit.
.TP
.I /run/ser/ser.pid
The pid file that both use.
.TP
.I /var/spool/ser/quarantine
Datagrams that killed workers.
.SH SEE ALSO
systemd(1), syslog(3)
`

// manual writes the manual page: options and parameters come from the tables
// that the program itself reads.
func manual(w io.Writer) int {
	var b strings.Builder
	b.WriteString(manualHead)
	for _, o := range table {
		b.WriteString(".TP\n")
		if o.short != "" {
			fmt.Fprintf(&b, ".BR \\-%s \", \" ", o.short)
		} else {
			b.WriteString(".BR ")
		}
		fmt.Fprintf(&b, "\\-\\-%s", strings.ReplaceAll(o.long, "-", `\-`))
		if o.arg != "" {
			fmt.Fprintf(&b, " \" \\fI%s\\fR\"", roff(o.arg))
		}
		fmt.Fprintf(&b, "\n%s\n", roff(strings.ReplaceAll(o.help, "\n", " ")))
	}
	b.WriteString(".SH PARAMETERS\nSet in the configuration as\n.IR name = value .\nA default in parentheses is described, not written.\n")
	for _, p := range param.All() {
		if p.RTOnly || p.Help == "" {
			continue
		}
		fmt.Fprintf(&b, ".TP\n.B %s\n", roff(strings.Join(append([]string{p.Name}, p.Aliases...), ", ")))
		if d := p.DefaultDoc(); d != "" {
			fmt.Fprintf(&b, "Default: %s. ", roff(d))
		}
		fmt.Fprintf(&b, "%s\n", roff(p.Help))
		if !p.Acts {
			b.WriteString("Accepted; does not act yet or any more, see ser \\-\\-pending.\n")
		}
	}
	b.WriteString(manualTail)
	if _, err := io.WriteString(w, b.String()); err != nil {
		return 255
	}
	return 0
}

// roff protects text from the formatter.
func roff(s string) string {
	s = strings.NewReplacer(`\`, `\e`, "-", `\-`).Replace(s)
	if strings.HasPrefix(s, ".") || strings.HasPrefix(s, "'") {
		s = `\&` + s
	}
	return s
}
