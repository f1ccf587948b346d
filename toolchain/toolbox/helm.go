package main

import (
	"bytes"
	"fmt"
	"path"
	"slices"
	"strings"

	"helm.sh/helm/v4/pkg/chart/common"
	"helm.sh/helm/v4/pkg/chart/common/util"
	chart "helm.sh/helm/v4/pkg/chart/v2"
	"helm.sh/helm/v4/pkg/chart/v2/loader"
	chartutil "helm.sh/helm/v4/pkg/chart/v2/util"
	"helm.sh/helm/v4/pkg/engine"
	"helm.sh/helm/v4/pkg/strvals"
)

type helmParams struct {
	Chart                   string            `json:"chart"`
	Release                 string            `json:"release"`
	Namespace               string            `json:"namespace"`
	KubeVersion             string            `json:"kubeVersion"`
	APIVersions             []string          `json:"apiVersions"`
	Values                  []helmValues      `json:"values"`
	Set                     []string          `json:"set"`
	SetString               []string          `json:"setString"`
	SetFile                 []string          `json:"setFile"`
	IncludeCRDs             bool              `json:"includeCrds"`
	SkipTests               bool              `json:"skipTests"`
	SkipSchemaValidation    bool              `json:"skipSchemaValidation"`
	IsUpgrade               bool              `json:"isUpgrade"`
	IgnoreMissingValueFiles bool              `json:"ignoreMissingValueFiles"`
	Dependencies            []string          `json:"dependencies"`
	Mounts                  map[string]string `json:"mounts"`
}

type helmValues struct {
	File   string  `json:"file"`
	Inline *string `json:"inline"`
	Name   string  `json:"name"`
}

// renderHelm is the method `helm`: what `helm template` prints, without a cluster, a disk or a network.
func renderHelm(c *call) (answer, error) {
	p, err := decode[helmParams](c)
	if err != nil {
		return answer{}, err
	}
	ch, root, err := loadChart(c.tree, p.Chart, p.Dependencies)
	if err != nil {
		return answer{}, err
	}
	if t := ch.Metadata.Type; t != "" && t != "application" {
		return answer{}, faultf("chart", "%s charts are not installable", t)
	}
	if missing := missingDependencies(ch); len(missing) > 0 {
		return answer{}, missingFault(missing)
	}
	values, err := mergeValues(c.tree, p)
	if err != nil {
		return answer{}, err
	}
	files, err := executeChart(c, p, ch, values)
	if err != nil {
		return answer{}, helmFault(err, ch.Name(), root)
	}
	out := docs{c: c}
	if p.IncludeCRDs {
		if err := addCRDs(&out, ch); err != nil {
			return answer{}, helmFault(err, ch.Name(), root)
		}
	}
	if err := addManifests(&out, files, p.SkipTests); err != nil {
		return answer{}, helmFault(err, ch.Name(), root)
	}
	result := map[string]any{
		"sources": out.sources,
		"chart": map[string]string{
			"name": ch.Name(), "version": ch.Metadata.Version, "appVersion": ch.Metadata.AppVersion,
		},
	}
	return answer{Result: result, Blobs: out.blobs}, nil
}

// executeChart is the middle of Helm's install action: dependencies, capabilities, values, schema, templates.
func executeChart(c *call, p helmParams, ch *chart.Chart, values map[string]any) (map[string]string, error) {
	if err := chartutil.ProcessDependencies(ch, values); err != nil {
		return nil, asFault(fmt.Errorf("chart dependencies processing failed: %w", err), "values")
	}
	caps := common.DefaultCapabilities.Copy()
	if p.KubeVersion != "" {
		v, err := common.ParseKubeVersion(p.KubeVersion)
		if err != nil {
			return nil, faultf("kube-version", "invalid kube version %q: %v", p.KubeVersion, err)
		}
		caps.KubeVersion = *v
	}
	caps.APIVersions = slices.Concat(caps.APIVersions, p.APIVersions)

	release := common.ReleaseOptions{
		Name: p.Release, Namespace: p.Namespace, Revision: 1, IsInstall: !p.IsUpgrade, IsUpgrade: p.IsUpgrade,
	}
	render, err := util.ToRenderValuesWithSchemaValidation(ch, values, release, caps, true)
	if err != nil {
		return nil, asFault(err, "values")
	}
	if !p.SkipSchemaValidation {
		if err := validateSchemas(c.tree, p.Mounts, ch, render["Values"]); err != nil {
			return nil, err
		}
	}
	if want := ch.Metadata.KubeVersion; want != "" && !chartutil.IsCompatibleRange(want, caps.KubeVersion.String()) {
		return nil, faultf("kube-version", "chart requires kubeVersion: %s which is incompatible with Kubernetes %s",
			want, caps.KubeVersion.Version)
	}
	if err := c.ctx.Err(); err != nil {
		return nil, err
	}
	files, err := engine.Engine{}.Render(ch, render)
	for name := range files {
		if strings.HasSuffix(name, "NOTES.txt") { // executed, as it may check values, but nobody reads it here
			delete(files, name)
		}
	}
	return files, err
}

// mergeValues puts the user's values together in Helm's order: files and texts, --set, --set-string, --set-file.
func mergeValues(t *tree, p helmParams) (map[string]any, error) {
	base := map[string]any{}
	for _, v := range p.Values {
		name, raw := v.Name, []byte(nil)
		if v.Inline != nil {
			raw = []byte(*v.Inline)
		} else {
			var err error
			name = v.File
			if raw, err = t.readPath(v.File); err != nil {
				if isMissing(err) && p.IgnoreMissingValueFiles {
					continue
				}
				if isMissing(err) {
					return nil, &fault{Code: "not-found", File: v.File, Message: oneLine("open " + v.File + ": no such file or directory")}
				}
				return nil, err
			}
		}
		current, err := loader.LoadValues(bytes.NewReader(raw))
		if err != nil {
			return nil, yamlFault("values", name, 1, fmt.Errorf("failed to parse %s: %w", name, err))
		}
		base = loader.MergeMaps(base, current)
	}
	for _, v := range p.Set {
		if err := strvals.ParseInto(v, base); err != nil {
			return nil, faultf("values", "failed parsing --set data: %v", err)
		}
	}
	for _, v := range p.SetString {
		if err := strvals.ParseIntoString(v, base); err != nil {
			return nil, faultf("values", "failed parsing --set-string data: %v", err)
		}
	}
	for _, v := range p.SetFile {
		read := func(rs []rune) (any, error) {
			b, err := t.readPath(string(rs))
			return string(b), err
		}
		if err := strvals.ParseIntoFile(v, base, read); err != nil {
			return nil, asFault(fmt.Errorf("failed parsing --set-file data: %w", err), "values")
		}
	}
	return base, nil
}

// readPath reads a path that a user wrote.
func (t *tree) readPath(p string) ([]byte, error) {
	name, ok := clean(p)
	if !ok {
		return nil, errMissing(p)
	}
	return t.readFile(name)
}

// sortedCRDs are what lies in the crds/ directories, ordered by path since the order of subcharts is not fixed.
func sortedCRDs(ch *chart.Chart) []chart.CRD {
	crds := ch.CRDObjects()
	slices.SortStableFunc(crds, func(a, b chart.CRD) int { return strings.Compare(a.Filename, b.Filename) })
	return crds
}

func addCRDs(out *docs, ch *chart.Chart) error {
	for _, crd := range sortedCRDs(ch) {
		name := path.Join(ch.Name(), strings.TrimPrefix(crd.Filename, ch.Name()+"/"))
		err := eachDocument(name, crd.File.Data, func(json []byte, _ int) error { return out.add(name, json) })
		if err != nil {
			return err
		}
	}
	return nil
}
