// Package handoff is what a process is born with: the birth record that the
// supervisor writes and the child reads, and the line on which the child says
// that it serves.
//
// A child is the same binary started again. Its command line names its role
// for ps; everything else it needs stands in the birth record, a sealed memfd
// inherited as descriptor BirthFD. The record names every other descriptor.
//
// What can go wrong: a record of another version or a truncated one is
// refused with an error that says so; the child then exits and the supervisor
// reports it.
package handoff

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os"
)

// BirthFD is the descriptor on which a child finds its birth record.
const BirthFD = 3

// Env marks a process as a child; its value is Version.
const Env = "SER_BIRTH"

// Version of the record. Supervisor and child are the same binary, so a
// difference means that the binary on disk was replaced while running.
const Version = "1"

// Role is what a process does.
type Role uint8

// The roles, in the order in which the original starts them.
const (
	RoleAttendant Role = iota // the supervisor itself, row 0 of the process table
	RoleUDP                   // a UDP receiver
	RoleSlowTimer             // handlers that may take long
	RoleTimer                 // the timer wheel
	RoleModule                // a process that a module asked for
)

var roleNames = [...]string{"attendant", "udp receiver", "slow timer", "timer", "module"}

func (r Role) String() string {
	if int(r) < len(roleNames) {
		return roleNames[r]
	}
	return fmt.Sprintf("role %d", uint8(r))
}

// Socket is one bound socket of the server. Every child knows all of them: a
// message may leave by another socket than the one it came in on.
type Socket struct {
	FD         int            // descriptor in the child
	Proto      string         // "udp"
	Addr       netip.AddrPort // bound address; unspecified for a wildcard
	Name       string         // as configured: a host name, an interface or the address
	Label      string         // what scripts call it (listen=... name "x"), "" nothing
	Advertise  string         // host to put into Via instead, or ""
	AdvertPort int            // port to put into Via instead, or 0
}

// Alias is a name that means us (core parameter alias, and names of sockets).
type Alias struct {
	Proto string // "" any
	Host  string
	Port  int // 0 any
}

// Birth is everything that a child needs.
type Birth struct {
	Version    string
	Product    string // "ser (VERSION (ARCH/OS))", for Server and User-Agent
	Role       Role
	Desc       string // what core.ps shows: "udp receiver child=0 sock=127.0.0.1:5060"
	Rank       int    // rank for modules: 1.. receivers, -1 timers
	Index      int    // process number: row in the arena's process table, and the first number of a log line
	Generation uint32 // of this row: how many processes have held it
	ConfigGen  uint32 // generation of the configuration image
	Master     int    // pid of the supervisor

	ArenaFD  int // the arena's memfd
	ConfigFD int // sealed memfd with the preprocessed configuration
	LifeFD   int // read end of a pipe that only the supervisor holds open: end of file means it is gone
	RawFD    int // raw socket of udp4_raw, 0 if there is none
	ReadyFD  int // write end of the pipe on which Ready is said

	Sockets []Socket
	Socket  int // index into Sockets of the receiver's own socket, -1 for other roles
	Aliases []Alias

	Dir        string     // working directory to change to first thing: until then it is outside a chroot
	LockMemory bool       // mlock_pages: keep this process out of swap
	Overrides  []Override // command line options that beat the file, in order
	LogColor   bool       // colours on stderr
	LogEngine  string     // option --log-engine
	StartTime  int64      // Unix nanoseconds of the server's start
	Checks     bool       // run the arena's checks after reaping (tests)
}

// Override is one core parameter set on the command line.
type Override struct{ Name, Value string }

// Write stores the record into f, which the child inherits as BirthFD.
func (b *Birth) Write(f *os.File) error {
	b.Version = Version
	data, err := json.Marshal(b)
	if err != nil {
		return fmt.Errorf("handoff: birth record: %w", err)
	}
	if _, err := f.WriteAt(data, 0); err != nil {
		return fmt.Errorf("handoff: birth record: %w", err)
	}
	return nil
}

// ErrVersion tells that supervisor and child are different binaries.
var ErrVersion = errors.New("handoff: birth record of another version: the program on disk was replaced; restart the server")

// Read returns the record that this process was born with.
func Read() (*Birth, error) {
	f := os.NewFile(BirthFD, "birth")
	if f == nil {
		return nil, errors.New("handoff: no birth record: only the supervisor starts workers")
	}
	defer f.Close()
	return read(f)
}

func read(f *os.File) (*Birth, error) {
	st, err := f.Stat()
	if err != nil {
		return nil, fmt.Errorf("handoff: birth record: %w", err)
	}
	data, err := io.ReadAll(io.NewSectionReader(f, 0, st.Size()))
	if err != nil {
		return nil, fmt.Errorf("handoff: birth record: %w", err)
	}
	b := new(Birth)
	if err := json.Unmarshal(data, b); err != nil {
		return nil, fmt.Errorf("handoff: birth record: %w", err)
	}
	if b.Version != Version {
		return nil, ErrVersion
	}
	return b, nil
}
