package script

import (
	"context"
	"errors"
	"os/exec"
	"time"

	"goser/cfg/check"
	"goser/sip"
	"goser/worker/module"
)

// defaultLogLevel of log() lies above debug's default, so that such lines are
// only seen when asked for.
const defaultLogLevel = 4

// execLimit is how long a command of exec may take before it is killed.
const execLimit = time.Minute

var messageFuncs = []module.Func{
	{
		Name: "log", In: anywhere, Args: args(check.ArgStr), MinArgs: 1, Help: "writes a text at level 4",
		Do: func(c *module.Ctx, a *module.Args) int { return scriptLog(c, defaultLogLevel, a.Str(c, 0)) },
	},
	{
		Name: "log", In: anywhere, Args: args(check.ArgInt, check.ArgStr), MinArgs: 2, Help: "writes a text at a level",
		Do: func(c *module.Ctx, a *module.Args) int {
			return scriptLog(c, int(a.Int(0, defaultLogLevel)), a.Str(c, 1))
		},
	},
	{
		Name: "error", In: anywhere, Args: args(check.ArgStr, check.ArgStr), MinArgs: 2, Help: "writes both texts at level -1 (ERROR)",
		Do: func(c *module.Ctx, a *module.Args) int {
			return scriptLog(c, -1, c.Concat("error: ", a.Str(c, 0), ", ", a.Str(c, 1)))
		},
	},
	{
		Name: "exec", In: notOnSend, Args: args(check.ArgStr), MinArgs: 1, Waits: true, Do: execCommand,
		Help: "runs a shell command; only this message waits for it, at most a minute",
	},
	{
		Name: "is_myself", In: anywhere, Args: args(check.ArgFormat), MinArgs: 1, Do: isMyselfFunc,
		Help: "tells whether a URI's host and port are ours",
	},
}

func scriptLog(c *module.Ctx, level int, text string) int {
	c.Env.ScriptLog(level, "<script>: ", text)
	return 1
}

func execCommand(c *module.Ctx, a *module.Args) int {
	command := a.Str(c, 0)
	var err error
	wait := c.Env.Wait(c, func() {
		ctx, cancel := context.WithTimeout(context.Background(), execLimit)
		defer cancel()
		cmd := exec.CommandContext(ctx, "/bin/sh", "-c", command)
		cmd.WaitDelay = time.Second
		err = cmd.Run()
	})
	if wait != nil {
		return c.Fail(module.ErrUnspec, wait.Error())
	}
	var status *exec.ExitError
	if errors.As(err, &status) && status.ExitCode() > 0 {
		c.Env.Log().Warn("script: exec: the command failed", "command", command, "status", status.ExitCode())
		return 1
	}
	if err != nil {
		return c.Fail(module.ErrUnspec, err.Error())
	}
	return 1
}

func isMyselfFunc(c *module.Ctx, a *module.Args) int {
	var u sip.URI
	if sip.ParseURI(a.Str(c, 0), &u) != nil || u.Host == "" {
		return yes(false)
	}
	port := u.Port
	if port == 0 {
		port = module.AnyPort // unlike uri==myself, seen on 5.6.3
	}
	return yes(c.Env.Myself(u.Host, port, check.ProtoAny))
}
