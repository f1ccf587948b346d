package main

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// fault is a failure of a request in the form the caller gets: a stable code, a one-line message, and what is known of
// where it is. The codes are listed in src/render/toolbox/protocol.ts.
type fault struct {
	Code         string       `json:"code"`
	Message      string       `json:"message"`
	File         string       `json:"file,omitempty"`
	Line         int          `json:"line,omitempty"`
	Column       int          `json:"column,omitempty"`
	URL          string       `json:"url,omitempty"`
	URLs         []string     `json:"urls,omitempty"`
	Dependencies []dependency `json:"dependencies,omitempty"`
}

func (f *fault) Error() string { return f.Message }

func faultf(code, format string, args ...any) *fault {
	return &fault{Code: code, Message: oneLine(fmt.Sprintf(format, args...))}
}

// asFault gives any error a code; an error that already has one keeps it.
func asFault(err error, code string) *fault {
	var f *fault
	if errors.As(err, &f) {
		return f
	}
	return &fault{Code: code, Message: oneLine(err.Error())}
}

const maxMessage = 2000

// oneLine makes a message of one line without the root that trees have inside this process; of a very long one, such as
// a chain of a thousand causes, it keeps the beginning and the end.
func oneLine(s string) string {
	const head = maxMessage * 3 / 4
	if len(s) > 4*maxMessage {
		s = s[:2*maxMessage] + s[len(s)-2*maxMessage:]
	}
	s = strings.ReplaceAll(s, treeRoot+"/", "")
	s = strings.ReplaceAll(s, treeRoot, ".")
	s = address.ReplaceAllString(s, "&{…}")
	s = strings.Join(strings.Fields(s), " ")
	if len(s) > maxMessage {
		s = strings.ToValidUTF8(s[:head], "") + " … " + strings.ToValidUTF8(s[len(s)-(maxMessage-head):], "")
	}
	return s
}

// address is where something lay in memory: it is another one each time, and errors have to stay the same.
var address = regexp.MustCompile(`&\{0x[0-9a-f]+ [^{}]*\}`)

var yamlLine = regexp.MustCompile(`(?:yaml: |error converting YAML to JSON: yaml: )(?:unmarshal errors:\s+)?line (\d+)`)

// yamlFault places a message of go-yaml, which counts lines from 1 in the document; firstLine is the document's own.
func yamlFault(code, file string, firstLine int, err error) *fault {
	f := asFault(err, code)
	if f.File == "" {
		f.File = file
	}
	if m := yamlLine.FindStringSubmatch(f.Message); m != nil && f.Line == 0 {
		n, _ := strconv.Atoi(m[1])
		f.Line = firstLine - 1 + n
	}
	return f
}
