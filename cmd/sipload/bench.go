package main

import (
	"io"

	"github.com/spf13/pflag"

	"goser/cmd/sipload/internal/bench"
)

func benchFlags(c *bench.Config, out io.Writer) *pflag.FlagSet {
	return newFlags("sipload bench", out)
}
