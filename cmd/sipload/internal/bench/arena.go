package bench

import (
	"context"
	"errors"
	"fmt"
	"os"
	"regexp"
	"strconv"
	"syscall"
	"time"

	"goser/cmd/sipload/internal/load"
)

// How many INVITE transactions are weighed, and how large their requests are.
const (
	weighed     = 1000
	weighedRate = 2000 // a second
	requestSize = 900
	ringing     = 2 * time.Second
)

// transactions asks our server, while calls ring, what its shared memory holds, and divides what
// belongs to transactions by their number. It is measured once: memory is not a matter of chance.
func (b *bench) transactions(ctx context.Context, s *server, children int) error {
	k := key{load.Call, arenaTx, children}
	if len(b.data[s.name][k]) > 0 {
		return nil
	}
	log, err := os.Stat(s.log)
	if err != nil {
		return err
	}
	done := make(chan error, 1)
	go func() {
		r, err := b.generate(ctx, s, load.Call, "--warmup", "0s", "--count", fmt.Sprint(weighed), "--rate", fmt.Sprint(weighedRate),
			"--ring", ringing.String(), "--size", fmt.Sprint(requestSize))
		if err == nil && r.Counts.Completed != weighed {
			err = fmt.Errorf("bench: of %d calls %d were answered", weighed, r.Counts.Completed)
		}
		done <- err
	}()
	time.Sleep(ringing / 8 * 7)
	syscall.Kill(s.cmd.Process.Pid, syscall.SIGUSR1)
	if err := <-done; err != nil {
		return err
	}
	text, err := os.ReadFile(s.log)
	if err != nil {
		return err
	}
	bytes, err := perTransaction(text[log.Size():])
	if err != nil {
		return err
	}
	b.data.add(s.name, k, bytes)
	return nil
}

// kindLine is a line of the dump about the blocks of one kind.
var kindLine = regexp.MustCompile(`kind=tm\.(transaction|request|branch|blob) .*count=(\d+) kb=(\d+)`)

// perTransaction reads a dump: bytes of everything that belongs to transactions for each of them.
func perTransaction(dump []byte) (float64, error) {
	n, kb := 0, 0
	for _, m := range kindLine.FindAllSubmatch(dump, -1) {
		count, _ := strconv.Atoi(string(m[2]))
		held, _ := strconv.Atoi(string(m[3]))
		if string(m[1]) == "transaction" {
			n += count
		}
		kb += held
	}
	if n < weighed/2 {
		return 0, errors.New("bench: the server was asked about its shared memory and did not tell of transactions")
	}
	return float64(kb<<10) / float64(n), nil
}
