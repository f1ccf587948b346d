package main

import (
	"net"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// TestSandbox runs this test again in a process of its own, which then can open no file and reach no address.
func TestSandbox(t *testing.T) {
	if os.Getenv("TOOLBOX_TEST_SANDBOX") == "" {
		cmd := exec.Command(os.Args[0], "-test.run=^TestSandbox$", "-test.v")
		cmd.Env = append(os.Environ(), "TOOLBOX_TEST_SANDBOX=1")
		out, err := cmd.CombinedOutput()
		if strings.Contains(string(out), "no landlock") {
			t.Skip("this kernel has no landlock")
		}
		if err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		return
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	mode := enterSandbox()
	if mode == "none" {
		t.Skip("no landlock")
	}
	for _, open := range []func(string) error{
		func(p string) error { _, err := os.ReadFile(p); return err },
		func(p string) error { return os.WriteFile(p, nil, 0o600) },
		func(p string) error { return os.Mkdir(p+".d", 0o700) },
		func(string) error { return exec.Command("/bin/true").Run() },
	} {
		if err := open("/etc/hostname"); err == nil {
			t.Error("the disk can be reached")
		}
	}
	if mode > "landlock-3" {
		if c, err := net.Dial("tcp", listener.Addr().String()); err == nil {
			c.Close()
			t.Error("the network can be reached")
		}
	}
}
