package main

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"syscall"
)

// endWithOwner ends the process when standard input closes. An exit without a
// graceful stop is wanted here: the owner is gone and the data with it.
func endWithOwner() {
	_, _ = io.Copy(io.Discard, os.Stdin)
	os.Exit(0)
}

// runOwned runs a foreign program (an official Kubernetes binary, which knows
// nothing of owners) and kills it when standard input closes or a signal comes.
func runOwned(args []string) int {
	if len(args) < 1 {
		fmt.Fprintln(os.Stderr, "usage: kubebox own PROGRAM [FLAG ...]")
		return 2
	}
	// The kernel counts the end of the thread that started the child as its parent's death.
	runtime.LockOSThread()
	command := exec.Command(args[0], args[1:]...)
	command.Stdout, command.Stderr = os.Stdout, os.Stderr
	command.SysProcAttr = dieWithParent()
	if err := command.Start(); err != nil {
		fmt.Fprintf(os.Stderr, "kubebox own: %v\n", err)
		return 1
	}
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		_ = command.Process.Kill()
	}()
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGINT, syscall.SIGTERM)
	go func() {
		for received := range stop {
			_ = command.Process.Signal(received)
		}
	}()
	_ = command.Wait()
	return command.ProcessState.ExitCode()
}
