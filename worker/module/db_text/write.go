package dbtext

import (
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"goser/shm/kill"
)

// patience is how long a change waits for other processes' changes.
const patience = 5 * time.Second

// lock makes the processes that change files of a directory take turns. The system
// takes it from a process that dies.
func lock(dir string) (unlock func(), err error) {
	f, err := os.Open(dir)
	if err != nil {
		return nil, fmt.Errorf("database %s: %w", dir, plain(err))
	}
	for nap, since := time.Millisecond, time.Now(); ; nap = min(2*nap, 20*time.Millisecond) {
		err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if err == nil {
			return func() { f.Close() }, nil
		}
		if err != syscall.EWOULDBLOCK && err != syscall.EINTR || time.Since(since) > patience {
			f.Close()
			return nil, fmt.Errorf("database %s: it is locked by another process: %w", dir, err)
		}
		time.Sleep(nap)
	}
}

// replaceFile writes data beside a file and puts it in its place: whoever dies, and
// when, there is a whole file. Mode and owner stay. The caller holds the lock.
func replaceFile(path string, data []byte) (stamp, error) {
	path, err := filepath.EvalSymlinks(path)
	if err != nil {
		return stamp{}, err
	}
	old, err := os.Stat(path)
	if err != nil {
		return stamp{}, err
	}
	aside := filepath.Join(filepath.Dir(path), "."+filepath.Base(path)+".new")
	_ = os.Remove(aside) // of a writer that died
	f, err := os.OpenFile(aside, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return stamp{}, err
	}
	defer f.Close()
	kill.Point("dbtext.write.made")
	now, err := fill(f, old, data)
	if err == nil {
		kill.Point("dbtext.write.filled")
		err = os.Rename(aside, path)
	}
	if err != nil {
		_ = os.Remove(aside)
		return stamp{}, err
	}
	kill.Point("dbtext.write.renamed")
	syncDir(filepath.Dir(path))
	return now, nil
}

// fill writes the new file to the disk. Its time is later than the old one's, whatever
// the clock says: that is how others see that it is another.
func fill(f *os.File, old os.FileInfo, data []byte) (stamp, error) {
	half := len(data) / 2
	if _, err := f.Write(data[:half]); err != nil {
		return stamp{}, err
	}
	kill.Point("dbtext.write.half")
	if _, err := f.Write(data[half:]); err != nil {
		return stamp{}, err
	}
	if st, ok := old.Sys().(*syscall.Stat_t); ok {
		_ = f.Chown(int(st.Uid), int(st.Gid)) // root alone may, and for others it is theirs mostly
	}
	if err := f.Chmod(old.Mode().Perm()); err != nil {
		return stamp{}, err
	}
	fi, err := f.Stat()
	if err != nil {
		return stamp{}, err
	}
	if t := old.ModTime(); !fi.ModTime().After(t) {
		t = t.Add(time.Microsecond)
		if err := os.Chtimes(f.Name(), t, t); err != nil {
			return stamp{}, err
		}
		if fi, err = f.Stat(); err != nil {
			return stamp{}, err
		}
	}
	return stampOf(fi), f.Sync()
}

// syncDir makes the new name last. That it cannot be is no error: the file is whole.
func syncDir(dir string) {
	if f, err := os.Open(dir); err == nil {
		_ = f.Sync()
		f.Close()
	}
}
