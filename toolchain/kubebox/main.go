// Kubebox is a whole Kubernetes control plane in one binary: the first argument
// picks the component (etcd, kube-apiserver, kube-controller-manager,
// kube-scheduler, kwok), the rest are that component's own flags. It exists so
// that the demo, the tests and the benchmark run against the real thing on a
// machine that has nothing but Go. Built with the tag "lean" it leaves out what
// official Kubernetes binaries can do instead.
//
// Only the component that was asked for is constructed: two of them in one
// process fight for the signal handler.
//
// With KUBEBOX_OWNER=stdin a component ends when its standard input closes, so
// that nothing outlives the process that started it, however that one ends.
package main

import (
	"fmt"
	"os"
	"runtime/debug"
	"sort"
	"strings"
)

// Component names map to the function that runs one and returns its exit code.
var components = map[string]func(args []string) int{
	"kwok":        runKwok,
	"kwok-stages": printKwokStages,
	"pki":         writePKI,
	"own":         runOwned,
	"versions":    printVersions,
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
	if os.Getenv("KUBEBOX_OWNER") == "stdin" && name != "own" {
		go endWithOwner()
	}
	// Each component reads os.Args as if it were the program itself.
	os.Args = append([]string{name}, os.Args[2:]...)
	os.Exit(run(os.Args[1:]))
}

// printVersions prints "module version" of what is built in, one a line.
func printVersions([]string) int {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return 1
	}
	for _, dep := range info.Deps {
		switch dep.Path {
		case "k8s.io/kubernetes", "go.etcd.io/etcd/server/v3", "sigs.k8s.io/kwok":
			fmt.Println(dep.Path, dep.Version)
		}
	}
	return 0
}

func names() []string {
	out := make([]string, 0, len(components))
	for name := range components {
		out = append(out, name)
	}
	sort.Strings(out)
	return out
}
