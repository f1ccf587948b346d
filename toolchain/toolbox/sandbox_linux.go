package main

import (
	"fmt"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// limitMemory lets the kernel refuse what goes far beyond the limit in one step, before the watchdog can see it; Go then
// ends the process with "out of memory".
func limitMemory(limit uint64) {
	most := limit + limit/2 + 64<<20
	_ = unix.Setrlimit(unix.RLIMIT_DATA, &unix.Rlimit{Cur: most, Max: most})
}

// enterSandbox takes the process's right to open any file and to connect anywhere, with Landlock, for good: what the
// libraries are kept from by their options, they can't do by mistake either. Kernels without it leave it at the options.
func enterSandbox() string {
	version, _, errno := unix.Syscall(unix.SYS_LANDLOCK_CREATE_RULESET, 0, 0, unix.LANDLOCK_CREATE_RULESET_VERSION)
	if errno != 0 || version < 1 {
		return "none"
	}
	// Each version of the interface knows a few more rights.
	files := uint64(1)<<13 - 1
	if version >= 2 {
		files |= unix.LANDLOCK_ACCESS_FS_REFER
	}
	if version >= 3 {
		files |= unix.LANDLOCK_ACCESS_FS_TRUNCATE
	}
	rules := unix.LandlockRulesetAttr{Access_fs: files}
	size := unsafe.Sizeof(rules.Access_fs)
	if version >= 4 {
		rules.Access_net = unix.LANDLOCK_ACCESS_NET_BIND_TCP | unix.LANDLOCK_ACCESS_NET_CONNECT_TCP
		size = 16
	}
	fd, _, errno := unix.Syscall(unix.SYS_LANDLOCK_CREATE_RULESET, uintptr(unsafe.Pointer(&rules)), size, 0)
	if errno != 0 {
		return "none"
	}
	defer unix.Close(int(fd))
	if _, _, errno := syscall.AllThreadsSyscall6(unix.SYS_PRCTL, unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0, 0); errno != 0 {
		return "none"
	}
	if _, _, errno := syscall.AllThreadsSyscall(unix.SYS_LANDLOCK_RESTRICT_SELF, fd, 0, 0); errno != 0 {
		return "none"
	}
	return fmt.Sprintf("landlock-%d", version)
}
