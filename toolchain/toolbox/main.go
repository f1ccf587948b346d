// Toolbox holds the ecosystem's own renderers and languages (Helm, Kustomize, Jsonnet, Go templates with sprig, Lua, jq,
// expr, YAML) in one long-lived process that is spoken to over stdin and stdout. It keeps nothing between requests and
// never touches disk, network or environment: the files of a request are asked from the caller, and what was looked at
// is told back. src/render/toolbox is the other side.
package main

import (
	"fmt"
	"io"
	"log"
	"log/slog"
	"net/http"
	"os"
	"runtime/debug"
	"strconv"
	"time"
	_ "time/tzdata" // templates may name time zones, and there is no disk to find them on
)

// version of the protocol; src/render/toolbox/protocol.ts has the same number.
const protocolVersion = 1

func main() {
	hardLimit := limitFromEnv("TOOLBOX_HARD_BYTES", 1<<30)
	os.Clearenv()
	time.Local = time.UTC
	debug.SetMaxStack(256 << 20)
	log.SetOutput(io.Discard)
	slog.SetDefault(slog.New(slog.DiscardHandler))
	http.DefaultTransport = remoteFiles{}
	limitMemory(hardLimit)
	sandbox := enterSandbox()

	s := newSession(os.Stdin, os.Stdout)
	go s.watchMemory(hardLimit)
	if err := s.serve(sandbox); err != nil && err != io.EOF {
		fmt.Fprintln(os.Stderr, "toolbox:", err)
		os.Exit(2)
	}
}

// limitFromEnv reads a number of bytes; the parent sets it before the environment is cleared.
func limitFromEnv(name string, otherwise uint64) uint64 {
	if n, err := strconv.ParseUint(os.Getenv(name), 10, 64); err == nil && n > 0 {
		return n
	}
	return otherwise
}
