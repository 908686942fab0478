package supervisor

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

// runParents are where each server has a directory for what it needs only while
// it runs. They are empty after a boot.
var runParents = []string{"/run", "/var/run"}

// makeRunDirs makes the runtime directory (-Y), and that of the pid file if it
// is one directly below /run, for the user that the server will be: at the end
// it must remove the pid file.
func (s *server) makeRunDirs() error {
	if dir := s.RuntimeDir; dir != "" {
		if err := s.makeRunDir(dir); err != nil {
			return fmt.Errorf("runtime directory: %w", err)
		}
		s.PidFile, s.PgidFile = within(dir, s.PidFile), within(dir, s.PgidFile)
	}
	for _, file := range []string{s.PidFile, s.PgidFile} {
		if dir := filepath.Dir(file); filepath.IsAbs(file) && slices.Contains(runParents, filepath.Dir(dir)) {
			if err := s.makeRunDir(dir); err != nil {
				return fmt.Errorf("pid file: %w", err)
			}
		}
	}
	return nil
}

// makeRunDir makes one directory; one that is there stays as it is.
func (s *server) makeRunDir(dir string) error {
	err := os.Mkdir(dir, 0o755)
	if errors.Is(err, fs.ErrExist) {
		if st, err := os.Stat(dir); err == nil && !st.IsDir() {
			return fmt.Errorf("%s is no directory", dir)
		}
		return nil
	}
	if err == nil && (s.who.uid >= 0 || s.who.gid >= 0) {
		err = os.Chown(dir, s.who.uid, s.who.gid)
	}
	return err
}

// within is a relative path seen from dir.
func within(dir, path string) string {
	if path == "" || filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(dir, path)
}
