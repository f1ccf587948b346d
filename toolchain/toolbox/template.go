package main

import (
	"encoding/json"
	"fmt"
	"io"
	"regexp"
	"strings"
	"sync"
	"text/template"

	"github.com/Masterminds/sprig/v3"
	"github.com/gosimple/slug"
	"sigs.k8s.io/yaml"
)

// templateFuncs are Argo CD's for ApplicationSets: sprig without what looks outside, and a few of its own.
var templateFuncs = sync.OnceValue(func() template.FuncMap {
	funcs := template.FuncMap(sprig.GenericFuncMap())
	for _, name := range []string{"env", "expandenv", "getHostByName"} {
		delete(funcs, name)
	}
	funcs["normalize"] = normalizeName
	funcs["slugify"] = slugify
	funcs["toYaml"] = func(v any) (string, error) {
		b, err := yaml.Marshal(v)
		return strings.TrimSuffix(string(b), "\n"), err
	}
	funcs["fromYaml"] = func(text string) (map[string]any, error) {
		var v map[string]any
		err := yaml.Unmarshal([]byte(text), &v)
		return v, err
	}
	funcs["fromYamlArray"] = func(text string) ([]any, error) {
		var v []any
		err := yaml.Unmarshal([]byte(text), &v)
		return v, err
	}
	return funcs
})

var notInNames = regexp.MustCompile(`[^a-z0-9\-.]`)

// normalizeName makes a DNS subdomain of a text.
func normalizeName(name string) string {
	name = notInNames.ReplaceAllString(strings.ToLower(name), "-")
	if len(name) > 253 {
		name = name[:253]
	}
	return strings.Trim(name, "-.")
}

var slugTurn sync.Mutex

// slugify takes [maxLength [smartTruncate]] text, as in Argo CD.
func slugify(args ...any) (string, error) {
	maxLength, smart, name := 50, false, ""
	if len(args) == 0 || len(args) > 3 {
		return "", fmt.Errorf("slugify: wrong number of arguments")
	}
	for _, a := range args {
		switch v := a.(type) {
		case int:
			maxLength = v
		case bool:
			smart = v
		case string:
			name = v
		default:
			return "", fmt.Errorf("slugify: unexpected argument of type %T", a)
		}
	}
	slugTurn.Lock()
	defer slugTurn.Unlock()
	slug.MaxLength, slug.EnableSmartTruncate = maxLength, smart
	return slug.Make(name), nil
}

// limitedWriter stops a template that writes too much, or writes when its time is up.
type limitedWriter struct {
	c    *call
	b    strings.Builder
	left *int
}

func (w *limitedWriter) Write(p []byte) (int, error) {
	if err := w.c.ctx.Err(); err != nil {
		return 0, err
	}
	if *w.left -= len(p); *w.left < 0 {
		return 0, faultf("output-limit", "template: the result has more than %d bytes", w.c.limits.OutputBytes)
	}
	return w.b.Write(p)
}

var _ io.Writer = (*limitedWriter)(nil)

// executeTemplates is the method `template`: every text with every data.
func executeTemplates(c *call) (answer, error) {
	p, err := decode[struct {
		Texts   []string `json:"texts"`
		Options []string `json:"options"`
	}](c)
	if err != nil {
		return answer{}, err
	}
	templates := make([]*template.Template, len(p.Texts))
	problems := make([]error, len(p.Texts))
	for i, text := range p.Texts {
		templates[i], problems[i] = parseTemplate(text, p.Options)
	}
	var out outcomes
	left := c.limits.OutputBytes
	for _, raw := range c.blobs {
		var data map[string]any
		if err := json.Unmarshal(raw, &data); err != nil {
			return answer{}, faultf("bad-request", "template: data: %v", err)
		}
		for i, t := range templates {
			if problems[i] != nil {
				out.failed("template", problems[i])
				continue
			}
			w := &limitedWriter{c: c, left: &left}
			if err := t.Execute(w, data); err != nil {
				if e := c.ctx.Err(); e != nil {
					return answer{}, e
				}
				out.failed("template", err)
				continue
			}
			out.ok([]byte(w.b.String()))
		}
	}
	return answer{Result: map[string]any{"errors": out.Errors}, Blobs: out.Blobs}, nil
}

// parseTemplate also turns the panic of an unknown option into an error.
func parseTemplate(text string, options []string) (t *template.Template, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("template: %v", r)
		}
	}()
	return template.New("").Funcs(templateFuncs()).Option(options...).Parse(text)
}
