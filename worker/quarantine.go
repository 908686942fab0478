package worker

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"goser/worker/inflight"
)

// maxQuarantined bounds the files that strangers can make us write.
const maxQuarantined = 100

// recoverInflight runs again what the predecessor of this row left unfinished,
// and jails a datagram that has killed too often.
func (w *Worker) recoverInflight() {
	left := w.region.Recover()
	if len(left) == 0 {
		return
	}
	kept := 0
	for _, s := range left {
		if s.Deaths() >= w.conf.quarantine {
			w.jail(s)
			w.region.Release(s)
			continue
		}
		w.pending = append(w.pending, s)
		kept++
	}
	w.count.rerun.Add(int64(kept))
	w.log.Info("messages of the predecessor are run again", "messages", kept, "quarantined", len(left)-kept)
}

// jail writes a datagram to a file of its own.
func (w *Worker) jail(s *inflight.Slot) {
	w.count.quarantined.Inc()
	data := w.region.Data(s)
	name, err := keep(w.conf.quarantineDir, fmt.Sprintf("%s-%d-%d.sip",
		time.Now().UTC().Format("20060102T150405"), w.birth.Index, s.Seq), data)
	if err != nil {
		w.log.Error("a datagram killed its worker again and is dropped; it could not be kept", "bytes", len(data), "err", err)
		return
	}
	w.log.Error("a datagram killed its worker again and is dropped", "deaths", s.Deaths(), "kept", name, "bytes", len(data))
}

// keep writes the file into dir, or into a directory below /var/tmp that only
// this user can enter.
func keep(dir, file string, data []byte) (string, error) {
	err := errors.New("quarantine_dir is empty")
	for _, d := range []string{dir, fmt.Sprintf("/var/tmp/ser-quarantine-%d", os.Getuid())} {
		if d == "" {
			continue
		}
		if err = writeNew(d, file, data); err == nil {
			return filepath.Join(d, file), nil
		}
	}
	return "", err
}

func writeNew(dir, file string, data []byte) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	if old, err := os.ReadDir(dir); err != nil || len(old) >= maxQuarantined {
		return fmt.Errorf("%s: %d files there already, at most %d are kept: %w", dir, len(old), maxQuarantined, errors.Join(err, os.ErrExist))
	}
	f, err := os.OpenFile(filepath.Join(dir, file), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	return errors.Join(err, f.Close())
}
