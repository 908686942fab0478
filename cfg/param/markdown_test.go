package param

import (
	"bytes"
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write docs/parameters.md anew")

const docFile = "../../docs/parameters.md"

func TestMarkdownIsUpToDate(t *testing.T) {
	var b bytes.Buffer
	must(t, Markdown(&b))
	if *update {
		must(t, os.MkdirAll("../../docs", 0o755))
		must(t, os.WriteFile(docFile, b.Bytes(), 0o644))
	}
	have, err := os.ReadFile(docFile)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(have), b.String()); diff != "" {
		t.Errorf("docs/parameters.md is not what the table says; run go test ./cfg/param -update (-file +table):\n%s", diff)
	}
}

// TestMarkdownRows checks by hand-written rows that nothing of a row is lost.
func TestMarkdownRows(t *testing.T) {
	cases := map[ID]string{
		TLSPortNo: "| `tls_port_no` | number 0..65535 | 5061 | - | - | no | The port of every TLS socket that names none. 0 means the default. |\n",
		DNSSRVLB: "| `dns_srv_lb`<br>`dns_srv_loadbalancing` | boolean | no | `core dns_srv_lb` 0..1 | - | no | " +
			Get(DNSSRVLB).Help + " |\n",
		RTTimer2Policy: "| `rt_timer2_policy`<br>`rt_stimer_policy` | number (0..2) | 0 | - | - | yes | " +
			"As rt_policy, for the slow timer. 0 SCHED_OTHER, 1 SCHED_RR, 2 SCHED_FIFO. |\n",
		TLSVerify: "| `tls_verify` | boolean | - | - | - | never | Whether certificates of peers are verified. No effect: " +
			"TLS lives in the tls module; set it there with modparam. |\n",
		Debug:       "| `debug` | signed number | 0 (warning) | `core debug`, atomic | `-d` | yes | " + Get(Debug).Help + " |\n",
		TCPFDCache:  "| `tcp_fd_cache` | boolean | yes | `tcp fd_cache`, read only | - | no | " + Get(TCPFDCache).Help + " |\n",
		DNSRetrTime: "| `dns_retr_time` | number, s | system's (5) | `core dns_retr_time` | - | no | " + Get(DNSRetrTime).Help + " |\n",
		MemDumpShm:  "| (run time only) | number | 0 | `core mem_dump_shm`, atomic | - | no | Set to 1, reports the shared memory in the log. |\n",
		QuarantineDir: "| `quarantine_dir`<br>(ours) | string | \"/var/spool/ser/quarantine\" | - | - | yes | " +
			Get(QuarantineDir).Help + " |\n",
	}
	for id, want := range cases {
		if diff := cmp.Diff(want, Get(id).markdownRow()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", Get(id).Name, diff)
		}
	}
}

func TestMarkdownHasEveryRow(t *testing.T) {
	var b bytes.Buffer
	must(t, Markdown(&b))
	for _, p := range All() {
		if !strings.Contains(b.String(), p.markdownRow()) {
			t.Errorf("%s is missing", p.Name)
		}
	}
	for i, line := range strings.Split(b.String(), "\n") {
		if strings.HasPrefix(line, "|") && strings.Count(line, "|")-strings.Count(line, `\|`) != 8 {
			t.Errorf("line %d does not have seven columns: %s", i+1, line)
		}
	}
}
