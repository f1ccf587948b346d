package main

import (
	"path"
	"regexp"
	"strconv"
	"strings"
)

// helmPlace is how Helm's engine writes a place: in parentheses, after "template: ", or first in the message.
var helmPlace = regexp.MustCompile(`(?:^|\(|template: )([^\s():]+):(\d+)(?::(\d+))?`)

// helmFault gives errors of the engine a code and a place. Templates are named by the chart's name; the place is in the
// tree, where the chart's directory may be called otherwise.
func helmFault(err error, chartName, root string) *fault {
	f := asFault(err, "template")
	if f.Code == "template" && f.File == "" {
		if m := helmPlace.FindStringSubmatch(f.Message); m != nil {
			f.File = m[1]
			f.Line, _ = strconv.Atoi(m[2])
			f.Column, _ = strconv.Atoi(m[3])
		}
		if strings.Contains(f.Message, "nested reference name") {
			f.Code = "cycle"
		}
	}
	if rest, ok := strings.CutPrefix(f.File, chartName+"/"); ok && path.Ext(root) != ".tgz" {
		f.File = path.Join(root, rest)
	}
	return f
}
