// Package cfg is the configuration language of SER as a library: bytes in,
// a typed Program out, or errors with file, line, column, a caret and what
// would have been right.
//
//	prog, diag := cfg.Load("ser.cfg", src, cfg.Options{}, catalog)
//	if diag.Failed() {
//		diag.Print(os.Stderr)
//	}
//
// Load reads the includes through Options.Open. A process that must see the
// same program later, whatever happened to the files meanwhile, keeps the image
// that Preprocess returns and calls LoadImage.
//
// The package knows neither processes nor modules; what modules offer comes in
// through a Catalog. Sub-packages: syntax (text to tree), check (tree to
// Program), ere (POSIX regular expressions), param (the core parameters).
package cfg

import (
	"goser/cfg/check"
	"goser/cfg/syntax"
)

// The types of the sub-packages that users of cfg need most.
type (
	Program     = check.Program
	Catalog     = check.Catalog
	Diagnostics = syntax.Diagnostics
	Error       = syntax.Error
	Options     = syntax.Options
	Span        = syntax.Span
	FileSet     = syntax.FileSet
	Part        = check.Part
)

// Load reads a configuration. The Program is nil if the diagnostics have
// errors.
func Load(name string, src []byte, opt Options, cat Catalog) (*Program, *Diagnostics) {
	tree, diag := syntax.Parse(name, src, opt)
	return finish(tree, diag, cat)
}

// Preprocess reads a configuration and every file it includes, and returns a
// self-contained image of all this text together with the options.
func Preprocess(name string, src []byte, opt Options) ([]byte, *Diagnostics) {
	return syntax.Preprocess(name, src, opt)
}

// Expand returns the text of a configuration after preprocessing.
func Expand(name string, src []byte, opt Options) ([]byte, *Diagnostics) {
	return syntax.Expand(name, src, opt)
}

// LoadImage makes the Program of an image without touching the disk. It is the
// Program that Load would have made when the image was taken.
func LoadImage(image []byte, cat Catalog) (*Program, *Diagnostics) {
	prog, diag := CheckImage(image, cat)
	if diag.Failed() {
		return nil, diag
	}
	return prog, diag
}

// CheckImage is LoadImage for those who look for further errors: the Program is
// there even if the diagnostics have errors, without what is wrong.
func CheckImage(image []byte, cat Catalog) (*Program, *Diagnostics) {
	tree, diag := syntax.ParseImage(image)
	return check.Check(tree, cat, diag), diag
}

// ParseFormat cuts a string such as "from $fu to $(ru{uri.host})" into text and
// variables; $$ stands for $. Nothing is looked up.
func ParseFormat(s string) ([]syntax.FormatPart, error) {
	parts, err := syntax.ParseFormat(s)
	if err != nil {
		return nil, err
	}
	return parts, nil
}

func finish(tree *syntax.Tree, diag *Diagnostics, cat Catalog) (*Program, *Diagnostics) {
	prog := check.Check(tree, cat, diag)
	if diag.Failed() {
		return nil, diag
	}
	return prog, diag
}
