package peer

import (
	"bufio"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"strings"
	"sync"
	"testing"
)

// handed are the ports that FreePort has given: tests run side by side, and whoever got one may not have
// opened it yet.
var handed sync.Map

// FreePort finds a UDP port of five digits that nobody uses on any address. It lies below what the
// kernel gives to sockets that do not care, so nobody takes it by accident before the server does.
func FreePort(t testing.TB) int {
	t.Helper()
	for range 200 {
		port := 12000 + rand.IntN(18000)
		c, err := net.ListenUDP("udp", &net.UDPAddr{Port: port})
		if err != nil {
			continue
		}
		c.Close()
		if _, taken := handed.LoadOrStore(port, true); !taken {
			return port
		}
	}
	t.Fatal("no free UDP port between 12000 and 30000")
	return 0
}

// Bound tells whether some process has a UDP port open.
func Bound(port int) bool {
	want := fmt.Sprintf(":%04X ", port)
	for _, file := range []string{"/proc/net/udp", "/proc/net/udp6"} {
		if hasLocal(file, want) {
			return true
		}
	}
	return false
}

func hasLocal(file, port string) bool {
	f, err := os.Open(file)
	if err != nil {
		return false
	}
	defer f.Close()
	for sc := bufio.NewScanner(f); sc.Scan(); {
		fields := strings.Fields(sc.Text())
		if len(fields) > 2 && strings.HasSuffix(fields[1]+" ", port) {
			return true
		}
	}
	return false
}
