package main

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"helm.sh/helm/v4/pkg/chart/common"
	chart "helm.sh/helm/v4/pkg/chart/v2"
)

// schemaLoader resolves references of a values schema to other documents: only those that the caller has mounted.
type schemaLoader struct {
	tree    *tree
	mounts  map[string]string
	missing *string
}

// Load gives the schema at a URL; urn: references accept everything, as in Helm.
func (l schemaLoader) Load(url string) (any, error) {
	if strings.HasPrefix(url, "urn:") {
		return true, nil
	}
	file, ok := l.mounts[url]
	if !ok {
		if *l.missing == "" {
			*l.missing = url
		}
		return nil, fmt.Errorf("%s is not available here", url)
	}
	raw, err := l.tree.readPath(file)
	if err != nil {
		return nil, err
	}
	return jsonschema.UnmarshalJSON(bytes.NewReader(raw))
}

// validateSchemas checks the values of the chart and its subcharts as Helm does, without its way to disk and network.
func validateSchemas(t *tree, mounts map[string]string, ch *chart.Chart, values any) error {
	var vals map[string]any
	switch v := values.(type) {
	case common.Values:
		vals = v
	case map[string]any:
		vals = v
	}
	var missing string
	problems := schemaProblems(schemaLoader{t, mounts, &missing}, ch, vals)
	if missing != "" {
		f := faultf("remote-base", "values.schema.json refers to %s", missing)
		f.URL = missing
		return f
	}
	if problems != "" {
		return faultf("schema", "values don't meet the specifications of the schema(s) in the following chart(s): %s", problems)
	}
	return nil
}

func schemaProblems(l schemaLoader, ch *chart.Chart, values map[string]any) string {
	var sb strings.Builder
	if ch.Schema != nil {
		if err := validateOne(l, ch.Schema, values); err != nil {
			fmt.Fprintf(&sb, "%s:\n%s\n", ch.Name(), err)
		}
	}
	for _, sub := range ch.Dependencies() {
		raw, ok := values[sub.Name()]
		if !ok || raw == nil {
			continue
		}
		table, ok := raw.(map[string]any)
		if !ok {
			fmt.Fprintf(&sb, "%s:\ninvalid type for values: expected object (map), got %T\n", sub.Name(), raw)
			continue
		}
		sb.WriteString(schemaProblems(l, sub, table))
	}
	return sb.String()
}

func validateOne(l schemaLoader, schemaJSON []byte, values map[string]any) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("unable to validate schema: %v", r)
		}
	}()
	schema, err := jsonschema.UnmarshalJSON(bytes.NewReader(schemaJSON))
	if err != nil {
		return err
	}
	const name = "file:///values.schema.json"
	compiler := jsonschema.NewCompiler()
	compiler.UseLoader(l)
	if err := compiler.AddResource(name, schema); err != nil {
		return err
	}
	validator, err := compiler.Compile(name)
	if err != nil {
		return err
	}
	if err := validator.Validate(values); err != nil {
		return errors.New(strings.TrimPrefix(err.Error(), "jsonschema validation failed with '"+name+"#'\n"))
	}
	return nil
}
