package main

import (
	"path"
	"regexp"
	"strconv"

	"github.com/google/go-jsonnet"
)

type jsonnetVariable struct {
	Name  string `json:"name"`
	Value string `json:"value"`
	Code  bool   `json:"code"`
}

// evaluateJsonnet is the method `jsonnet`: one file, with imports from the tree alone.
func evaluateJsonnet(c *call) (answer, error) {
	p, err := decode[struct {
		File    string            `json:"file"`
		ExtVars []jsonnetVariable `json:"extVars"`
		TLAs    []jsonnetVariable `json:"tlas"`
		Libs    []string          `json:"libs"`
	}](c)
	if err != nil {
		return answer{}, err
	}
	file, ok := clean(p.File)
	if !ok {
		return answer{}, faultf("not-found", "jsonnet %q: outside of the tree", p.File)
	}
	text, err := c.tree.readFile(file)
	if err != nil {
		return answer{}, notFound(err, file)
	}
	imports := &jsonnetImports{t: c.tree, libs: p.Libs, main: path.Dir(file), seen: map[string]jsonnet.Contents{}}
	vm := jsonnet.MakeVM()
	vm.Importer(imports)
	vm.ErrorFormatter.SetMaxStackTraceSize(6)
	setVariables(p.ExtVars, vm.ExtVar, vm.ExtCode)
	setVariables(p.TLAs, vm.TLAVar, vm.TLACode)
	out, err := vm.EvaluateAnonymousSnippet(file, string(text))
	if imports.broken != nil {
		return answer{}, imports.broken
	}
	if err != nil {
		return answer{}, jsonnetFault(err)
	}
	if tooDeep([]byte(out)) {
		return answer{}, &fault{Code: "jsonnet", File: file, Message: "nested too deeply"}
	}
	return answer{Result: map[string]any{}, Blobs: [][]byte{[]byte(out)}}, nil
}

func setVariables(variables []jsonnetVariable, asString, asCode func(name, value string)) {
	for _, v := range variables {
		if v.Code {
			asCode(v.Name, v.Value)
		} else {
			asString(v.Name, v.Value)
		}
	}
}

// jsonnetPlace is "file:line:column" or "file:(line:column)-(line:column)".
var jsonnetPlace = regexp.MustCompile(`(?m)(?:^|\s)([^\s:()]+):\(?(\d+):(\d+)`)

func jsonnetFault(err error) *fault {
	f := asFault(err, "jsonnet")
	if m := jsonnetPlace.FindStringSubmatch(err.Error()); m != nil && f.File == "" {
		f.File = m[1]
		f.Line, _ = strconv.Atoi(m[2])
		f.Column, _ = strconv.Atoi(m[3])
	}
	return f
}

// jsonnetImports finds imports beside the importing file, then in the libraries from the last to the first. For the
// main file, which Argo CD evaluates without its name, the libraries come first.
type jsonnetImports struct {
	t      *tree
	libs   []string
	main   string
	seen   map[string]jsonnet.Contents
	broken error
}

// Import reads a file of the tree.
func (i *jsonnetImports) Import(importedFrom, importedPath string) (jsonnet.Contents, string, error) {
	var dirs []string
	if importedFrom != "" {
		dirs = append(dirs, path.Dir(importedFrom))
	}
	for n := len(i.libs) - 1; n >= 0; n-- {
		dirs = append(dirs, i.libs[n])
	}
	if importedFrom == "" {
		dirs = append(dirs, i.main)
	}
	for _, dir := range dirs {
		name, ok := clean(path.Join(dir, importedPath))
		if !ok || path.IsAbs(importedPath) {
			continue
		}
		if c, ok := i.seen[name]; ok {
			return c, name, nil
		}
		b, err := i.t.readFile(name)
		if isMissing(err) {
			continue
		}
		if err != nil {
			i.broken = err
			return jsonnet.Contents{}, "", err
		}
		i.seen[name] = jsonnet.MakeContentsRaw(b)
		return i.seen[name], name, nil
	}
	return jsonnet.Contents{}, "", faultf("not-found", "couldn't open import %q: no match locally or in the library paths", importedPath)
}
