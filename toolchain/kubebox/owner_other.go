//go:build !linux

package main

import "syscall"

// dieWithParent has no counterpart here: a child of a killed parent stays.
func dieWithParent() *syscall.SysProcAttr { return nil }
