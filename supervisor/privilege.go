package supervisor

import (
	"fmt"
	"os"
	"os/user"
	"strconv"
	"syscall"

	"goser/cfg/param"
)

// identity is whom the server becomes once its sockets are open.
type identity struct {
	uid, gid int // -1: unchanged
	groups   []int
	dir      string // where we were started
}

// findIdentity looks the names up while the system's files are in sight.
func (s *server) findIdentity() (err error) {
	s.who, err = findIdentity(s.Values.Text(param.User), s.Values.Text(param.RunGroup))
	return err
}

// CheckIdentity tells whether user and group of a configuration exist, without becoming them.
func CheckIdentity(v *param.Values) error {
	_, err := findIdentity(v.Text(param.User), v.Text(param.RunGroup))
	return err
}

func findIdentity(name, group string) (identity, error) {
	who := identity{uid: -1, gid: -1}
	who.dir, _ = os.Getwd()
	if name != "" {
		if err := who.user(name); err != nil {
			return who, err
		}
	}
	if group != "" {
		return who, who.group(group)
	}
	return who, nil
}

// user takes a name or a number; a number needs no entry in the password file.
func (w *identity) user(name string) error {
	u, err := user.Lookup(name)
	if err != nil {
		u, err = user.LookupId(name)
	}
	if err != nil {
		if w.uid, err = strconv.Atoi(name); err != nil || w.uid < 0 {
			return fmt.Errorf("bad user name/uid number: -u %s (no such user here; want a name or number of getent passwd)", name)
		}
		return nil
	}
	w.uid, _ = strconv.Atoi(u.Uid)
	w.gid, _ = strconv.Atoi(u.Gid)
	w.groups = []int{w.gid}
	ids, _ := u.GroupIds()
	for _, id := range ids {
		if n, err := strconv.Atoi(id); err == nil {
			w.groups = append(w.groups, n)
		}
	}
	return nil
}

func (w *identity) group(name string) error {
	if g, err := user.LookupGroup(name); err == nil {
		w.gid, _ = strconv.Atoi(g.Gid)
		return nil
	}
	n, err := strconv.Atoi(name)
	if err != nil || n < 0 {
		return fmt.Errorf("bad group name/gid number: -g %s (no such group here; want a name or number of getent group)", name)
	}
	w.gid = n
	return nil
}

// assume becomes that user for good, in every thread.
func (w *identity) assume() error {
	if w.gid >= 0 && w.gid != os.Getegid() {
		if err := syscall.Setgid(w.gid); err != nil {
			return fmt.Errorf("cannot change to group %d (only root can): %w", w.gid, err)
		}
	}
	if w.uid < 0 || w.uid == os.Geteuid() {
		return nil
	}
	if err := syscall.Setgroups(w.groups); err != nil {
		return fmt.Errorf("cannot set the groups of user %d (only root can): %w", w.uid, err)
	}
	if err := syscall.Setuid(w.uid); err != nil {
		return fmt.Errorf("cannot change to user %d (only root can): %w", w.uid, err)
	}
	return nil
}
