//go:build interop

package interop

import (
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"

	"goser/scripts/interop/internal/peer"
)

// stockFile is the configuration that Debian's package of Kamailio installs.
const stockFile = "/etc/kamailio/kamailio.cfg"

// stockMissing are the modules of the stock file that this server does not have
// yet. A line too many here is not an error: modules are added.
var stockMissing = strings.Fields("jsonrpcs kex corex usrloc registrar sanity ctl cfg_rpc acc counters auth auth_db db_mysql permissions alias_db nathelper rtpproxy dispatcher pike htable domain tls debugger xmlrpc textopsx rtimer sqlops uac msilo presence presence_xml speeddial path xhttp websocket rls ipops nat_traversal")

// stockParams are its core parameters that came after SIP Router 3.2.
var stockParams = strings.Fields("log_prefix tls_max_connections")

var stockError = regexp.MustCompile(`^/etc/kamailio/kamailio\.cfg:\d+:\d+: error: (there is no module ([^\s;]+)(?:; the original has it, .*)?|unknown parameter (\S+))$`)

// TestStockConfiguration checks Kamailio's own file, as it is and with all that it can switch on. What is
// wrong with it are modules and parameters that are known to be missing, and nothing else.
func TestStockConfiguration(t *testing.T) {
	kamailio := peer.Need(t, "kamailio", "kamailio")
	src, err := os.ReadFile(stockFile)
	if err != nil {
		t.Fatalf("the file of Debian's package: %v", err)
	}
	ser := os.Getenv("GOSER_BIN") + "/ser"
	for _, defines := range [][]string{
		nil,
		{"WITH_MYSQL", "WITH_AUTH", "WITH_USRLOCDB", "WITH_NAT", "WITH_ACCDB", "WITH_ANTIFLOOD", "WITH_IPAUTH", "WITH_BLOCK3XX", "WITH_PSTN"},
		{"WITH_DEBUG", "WITH_ALIASDB", "WITH_SPEEDDIAL", "WITH_MULTIDOMAIN", "WITH_PRESENCE", "WITH_MYSQL", "WITH_AUTH", "WITH_BLOCK401419", "WITH_VOICEMAIL"},
	} {
		t.Run(strings.Join(defines, ","), func(t *testing.T) {
			args := []string{"-c", "-f", stockFile}
			for _, d := range defines {
				args = append(args, "-A", d)
			}
			if defines == nil {
				if out, err := exec.Command(kamailio, args...).CombinedOutput(); err != nil {
					t.Fatalf("Kamailio refuses its own file: %v\n%s", err, out)
				}
			}
			out, _ := exec.Command(ser, args...).CombinedOutput()
			checked := 0
			for line := range strings.Lines(string(out)) {
				line = strings.TrimSuffix(line, "\n")
				if !strings.Contains(line, ": error: ") {
					continue
				}
				checked++
				m := stockError.FindStringSubmatch(line)
				if m == nil || m[2] != "" && !slices.Contains(stockMissing, m[2]) || m[3] != "" && !slices.Contains(stockParams, m[3]) {
					t.Errorf("not a known gap: %s", line)
				}
			}
			if checked == 0 && !strings.Contains(string(out), "config file ok") {
				t.Errorf("neither errors nor a good end:\n%s", out)
			}
		})
	}
	t.Run("fmt", func(t *testing.T) {
		cmd := exec.Command(ser, "fmt")
		cmd.Stdin = strings.NewReader(string(src))
		out, err := cmd.Output()
		if err != nil {
			t.Fatal(err)
		}
		dir := t.TempDir()
		if err := os.WriteFile(dir+"/stock.cfg", out, 0o644); err != nil {
			t.Fatal(err)
		}
		// What was formatted is still Kamailio's.
		if out, err := exec.Command(kamailio, "-c", "-f", dir+"/stock.cfg").CombinedOutput(); err != nil {
			t.Errorf("Kamailio refuses the formatted file: %v\n%s", err, out)
		}
	})
}
