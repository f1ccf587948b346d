// Kubebox is a whole Kubernetes control plane in one binary: the first argument
// picks the component (etcd, kube-apiserver, kube-controller-manager,
// kube-scheduler, kwok), the rest are that component's own flags. It exists so
// that the demo, the tests and the benchmark run against the real thing on a
// machine that has nothing but Go.
//
// Only the component that was asked for is constructed: two of them in one
// process fight for the signal handler.
//
// With KUBEBOX_OWNER=stdin a component ends when its standard input closes, so
// that nothing outlives the process that started it, however that one ends.
package main

import (
	"fmt"
	"io"
	"os"
	"sort"
	"strings"
)

// Component names map to the function that runs one and returns its exit code.
var components = map[string]func(args []string) int{
	"etcd":                    runEtcd,
	"kube-apiserver":          runAPIServer,
	"kube-controller-manager": runControllerManager,
	"kube-scheduler":          runScheduler,
	"kwok":                    runKwok,
	"kwok-stages":             printKwokStages,
	"pki":                     writePKI,
	"janitor":                 runJanitor,
	"versions":                printVersions,
}

func main() {
	if len(os.Args) < 2 {
		fmt.Fprintf(os.Stderr, "usage: kubebox COMPONENT [FLAG ...]\ncomponents: %s\n", strings.Join(names(), " "))
		os.Exit(2)
	}
	run, ok := components[os.Args[1]]
	if !ok {
		fmt.Fprintf(os.Stderr, "kubebox: unknown component %q (one of: %s)\n", os.Args[1], strings.Join(names(), " "))
		os.Exit(2)
	}
	name := os.Args[1]
	if os.Getenv("KUBEBOX_OWNER") == "stdin" && name != "janitor" {
		go endWithOwner()
	}
	// Each component reads os.Args as if it were the program itself.
	os.Args = append([]string{name}, os.Args[2:]...)
	os.Exit(run(os.Args[1:]))
}

// endWithOwner ends the process when standard input closes. An exit without a
// graceful stop is wanted here: the owner is gone and the data with it.
func endWithOwner() {
	_, _ = io.Copy(io.Discard, os.Stdin)
	os.Exit(0)
}

// runJanitor removes the directory it was given once its standard input closes:
// the owner of a control plane may be killed at any moment and leaves no trace.
func runJanitor(args []string) int {
	if len(args) != 1 {
		fmt.Fprintln(os.Stderr, "usage: kubebox janitor DIR")
		return 2
	}
	_, _ = io.Copy(io.Discard, os.Stdin)
	return removeWhenQuiet(args[0])
}

func names() []string {
	out := make([]string, 0, len(components))
	for name := range components {
		out = append(out, name)
	}
	sort.Strings(out)
	return out
}
