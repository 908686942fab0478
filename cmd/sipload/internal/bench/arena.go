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
// belongs to transactions by their number. The server must be a fresh one: transactions that are over
// and only wait weigh less.
func (b *bench) transactions(ctx context.Context, s *server, children int) error {
	log, err := os.Stat(s.log)
	if err != nil {
		return err
	}
	done := make(chan error, 1)
	go func() {
		r, err := b.generate(ctx, s, load.Call, "--warmup", "0s", "--duration", "30s", "--count", fmt.Sprint(weighed), "--rate", fmt.Sprint(weighedRate),
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
		b.note("%v", err)
		return nil
	}
	b.data.add(s.name, key{load.Call, arenaTx, children}, bytes)
	return nil
}

// sumLine is a line of the report about the blocks of one kind.
var sumLine = regexp.MustCompile(`shm_sums: +count= *(\d+) size= *(\d+) bytes from tm\.(transaction|request|branch|blob),`)

// perTransaction reads a report: bytes of everything that belongs to transactions for each of them.
func perTransaction(report []byte) (float64, error) {
	n, bytes := 0, 0
	for _, m := range sumLine.FindAllSubmatch(report, -1) {
		count, _ := strconv.Atoi(string(m[1]))
		size, _ := strconv.Atoi(string(m[2]))
		if string(m[3]) == "transaction" {
			n += count
		}
		bytes += size
	}
	if n < weighed/2 {
		return 0, errors.New("the server was asked about its shared memory and did not tell of transactions")
	}
	return float64(bytes) / float64(n), nil
}
