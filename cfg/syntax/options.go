package syntax

import "os"

// Options are the circumstances of reading a configuration.
type Options struct {
	// Defines as -A NAME or -A NAME=VALUE gives them.
	Defines []string
	// Open reads a file for include_file and import_file. Nil: os.ReadFile.
	// A missing file must satisfy errors.Is(err, fs.ErrNotExist).
	Open func(name string) ([]byte, error)
	// Getenv looks up an environment variable for #!defenv. Nil: os.LookupEnv.
	Getenv func(name string) (string, bool)
	// Prelude: the main file holds lines made of command line options, so its
	// own strings, the path of the real file for one, are not substituted.
	Prelude bool
	// Mode in force until the file says otherwise.
	Mode Mode
}

func (o *Options) getenv(name string) (string, bool) {
	if o.Getenv != nil {
		return o.Getenv(name)
	}
	return os.LookupEnv(name)
}

func (o *Options) open(name string) ([]byte, error) {
	if o.Open != nil {
		return o.Open(name)
	}
	return os.ReadFile(name)
}
