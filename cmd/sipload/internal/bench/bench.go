package bench

import (
	"context"
	"errors"
	"io"
)

var ErrTargets = errors.New("targets missed")

type Config struct{}

func Default() Config { return Config{} }

func Run(ctx context.Context, c Config, out io.Writer) error { return nil }
