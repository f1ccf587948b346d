package main

import (
	"encoding/json"
	"runtime/debug"
	"strings"
)

// methods is what the caller may ask for, by name.
var methods = map[string]func(*call) (answer, error){
	"helm":             renderHelm,
	"helmDependencies": helmDependencies,
	"kustomize":        buildKustomize,
	"jsonnet":          evaluateJsonnet,
	"yaml":             readYAML,
	"template":         executeTemplates,
	"lua":              runLua,
	"jq":               runJq,
	"expr":             evaluateExpr,
}

// libraries are the modules whose versions decide what a render gives, by the name the caller knows them by.
var libraries = map[string]string{
	"helm.sh/helm/v4":                 "helm",
	"sigs.k8s.io/kustomize/api":       "kustomize",
	"github.com/google/go-jsonnet":    "jsonnet",
	"github.com/Masterminds/sprig/v3": "sprig",
	"github.com/yuin/gopher-lua":      "lua",
	"github.com/itchyny/gojq":         "jq",
	"github.com/expr-lang/expr":       "expr",
	"sigs.k8s.io/yaml":                "yaml",
	"k8s.io/client-go":                "kubernetes",
}

// versions reads them from the binary itself, so that they can't be wrong.
func versions() map[string]string {
	out := map[string]string{}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return out
	}
	for _, m := range info.Deps {
		if name, ok := libraries[m.Path]; ok {
			out[name] = strings.TrimPrefix(m.Version, "v")
		}
	}
	out["go"] = strings.TrimPrefix(info.GoVersion, "go")
	return out
}

// decode reads the parameters of a call.
func decode[T any](c *call) (T, error) {
	var p T
	if err := json.Unmarshal(c.params, &p); err != nil {
		return p, faultf("bad-request", "%s: %v", c.method, err)
	}
	return p, nil
}

// docs collects rendered objects within the output limit of a call.
type docs struct {
	c       *call
	total   int
	sources []string
	blobs   [][]byte
}

// add takes one object as JSON; documents that are null are nothing.
func (d *docs) add(source string, json []byte) error {
	if err := d.c.ctx.Err(); err != nil {
		return err
	}
	if string(json) == "null" {
		return nil
	}
	if tooDeep(json) {
		return &fault{Code: "yaml", File: source, Message: "nested too deeply"}
	}
	d.total += len(json)
	if d.total > d.c.limits.OutputBytes {
		return faultf("output-limit", "%s: the result has more than %d bytes", d.c.method, d.c.limits.OutputBytes)
	}
	d.sources = append(d.sources, source)
	d.blobs = append(d.blobs, json)
	return nil
}

const maxDepth = 500

// tooDeep tells whether JSON is nested deeper than what any reader of it should have to bear.
func tooDeep(b []byte) bool {
	depth, quoted := 0, false
	for i := 0; i < len(b); i++ {
		switch c := b[i]; {
		case quoted:
			if c == '\\' {
				i++
			} else if c == '"' {
				quoted = false
			}
		case c == '"':
			quoted = true
		case c == '{' || c == '[':
			if depth++; depth > maxDepth {
				return true
			}
		case c == '}' || c == ']':
			depth--
		}
	}
	return false
}
