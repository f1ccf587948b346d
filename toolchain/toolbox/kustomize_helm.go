package main

import (
	"bytes"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"
	"text/template"

	chart "helm.sh/helm/v4/pkg/chart/v2"
	chartutil "helm.sh/helm/v4/pkg/chart/v2/util"
	"sigs.k8s.io/kustomize/api/konfig"
	"sigs.k8s.io/kustomize/api/resmap"
	"sigs.k8s.io/kustomize/api/types"
	"sigs.k8s.io/kustomize/kyaml/kio"
	kyaml "sigs.k8s.io/kustomize/kyaml/yaml"
	"sigs.k8s.io/kustomize/kyaml/yaml/merge2"
	"sigs.k8s.io/yaml"
)

// helmCharts stands for Kustomize's HelmChartInflationGenerator: it means the same by every field, and renders with the
// Helm in this process what that one runs `helm` for. Charts that are not in the tree have to be mounted by the caller.
type helmCharts struct {
	h     *resmap.PluginHelpers
	files *kustomizeFiles
	// config is what the kustomization says, in Kustomize's own words.
	config struct {
		types.HelmGlobals
		types.HelmChart
	}
	// values are the additional value files.
	values []helmValues
}

// fetchedChart is a chart that the caller fetched, and where in the tree its archive is.
type fetchedChart struct {
	Name       string `json:"name"`
	Version    string `json:"version"`
	Repository string `json:"repository"`
	Archive    string `json:"archive"`
}

// Config reads what one chart of a kustomization says.
func (p *helmCharts) Config(h *resmap.PluginHelpers, config []byte) error {
	if h.GeneralConfig() == nil || !h.GeneralConfig().HelmConfig.Enabled {
		return errors.New("must specify --enable-helm")
	}
	if p.files = current.Load(); p.files == nil {
		return errors.New("no build is running")
	}
	p.h = h
	// Kustomize says that the command line wins, and lets the kustomization win.
	p.config.KubeVersion = h.GeneralConfig().HelmConfig.KubeVersion
	p.config.ApiVersions = h.GeneralConfig().HelmConfig.ApiVersions
	if err := yaml.Unmarshal(config, &p.config); err != nil {
		return err
	}
	if p.config.Name == "" {
		return errors.New("chart name cannot be empty")
	}
	if p.config.ChartHome == "" {
		p.config.ChartHome = types.HelmDefaultHome
	}
	if p.config.ValuesFile == "" {
		p.config.ValuesFile = path.Join(p.chartHome(), p.config.Name, "values.yaml")
	}
	for _, file := range p.config.AdditionalValuesFiles {
		content, err := p.h.Loader().Load(file)
		if err != nil {
			return fmt.Errorf("could not load additionalValuesFile: %w", err)
		}
		p.values = append(p.values, inlineValues(file, content))
	}
	switch p.config.ValuesMerge {
	case "":
		p.config.ValuesMerge = "override"
	case "merge", "override", "replace":
	default:
		return errors.New("valuesMerge must be one of [merge override replace]")
	}
	return nil
}

// String names the chart where Kustomize prints its generator.
func (p *helmCharts) String() string { return fmt.Sprintf("helm chart %q", p.config.Name) }

// Generate renders the chart. One that has to be fetched first is noted, and stands for nothing until it is there.
func (p *helmCharts) Generate() (resmap.ResMap, error) {
	p.files.charts++
	ch, root, err := p.load()
	if err == nil && ch == nil {
		return resmap.New(), nil
	}
	var text []byte
	if err == nil {
		text, err = p.render(ch, root)
	}
	if err != nil {
		return nil, p.failed(err, root)
	}
	return p.resources(text)
}

// failed says which chart it was. Kustomize keeps only the text of an error, so what has a code and a place is noted.
func (p *helmCharts) failed(err error, root string) error {
	var f *fault
	if !errors.As(err, &f) {
		return fmt.Errorf("helm chart %q: %w", p.config.Name, err)
	}
	named := *f
	named.Message = oneLine(fmt.Sprintf("helm chart %q: %s", p.config.Name, f.Message))
	if named.File == "" {
		named.File = root
	}
	return p.files.note(&named)
}

func (p *helmCharts) render(ch *chart.Chart, root string) ([]byte, error) {
	c := p.files.c
	if t := ch.Metadata.Type; t != "" && t != "application" {
		return nil, faultf("chart", "%s charts are not installable", t)
	}
	if missing := missingDependencies(ch); len(missing) > 0 {
		return nil, missingFault(missing)
	}
	first, err := p.firstValues()
	if err != nil {
		return nil, err
	}
	values, err := mergeValues(c.tree, helmParams{Values: slices.Concat([]helmValues{first}, p.values)})
	if err != nil {
		return nil, err
	}
	release, err := p.release()
	if err != nil {
		return nil, asFault(err, "kustomization")
	}
	params := helmParams{
		Release: release, Namespace: p.config.Namespace, KubeVersion: p.config.KubeVersion,
		APIVersions: slices.Concat(splitAll(p.config.ApiVersions)...), Mounts: p.files.mounts,
	}
	if params.Namespace == "" {
		params.Namespace = "default"
	}
	rendered, err := executeChart(c, params, ch, values)
	if err != nil {
		return nil, helmFault(err, ch.Name(), root)
	}
	text, err := p.print(ch, rendered)
	if err != nil {
		return nil, helmFault(err, ch.Name(), root)
	}
	return text, nil
}

// splitAll reads lists as the flag --api-versions does.
func splitAll(lists []string) [][]string {
	out := make([][]string, len(lists))
	for i, l := range lists {
		out[i] = strings.Split(l, ",")
	}
	return out
}

// print gives what `helm template` prints.
func (p *helmCharts) print(ch *chart.Chart, rendered map[string]string) ([]byte, error) {
	var out bytes.Buffer
	add := func(source, text string) error {
		if fmt.Fprintf(&out, "---\n# Source: %s\n%s\n", source, text); out.Len() > p.files.c.limits.OutputBytes {
			return faultf("output-limit", "it renders to more than %d bytes", p.files.c.limits.OutputBytes)
		}
		return nil
	}
	if p.config.IncludeCRDs {
		for _, crd := range sortedCRDs(ch) {
			if err := add(crd.Filename, string(crd.File.Data)); err != nil {
				return nil, err
			}
		}
	}
	objects, hooks, err := sortManifests(rendered, p.config.SkipTests)
	if err != nil {
		return nil, err
	}
	if p.config.SkipHooks {
		hooks = nil
	}
	for _, m := range slices.Concat(objects, hooks) {
		if err := add(m.source, m.text); err != nil {
			return nil, err
		}
	}
	return out.Bytes(), nil
}

// resources reads what was printed, and marks it as Kustomize does: its namespace is Helm's business.
func (p *helmCharts) resources(text []byte) (resmap.ResMap, error) {
	rm, err := p.h.ResmapFactory().NewResMapFromBytes(text)
	if err != nil {
		nodes, unreadable := (&kio.ByteReader{Reader: bytes.NewReader(text), OmitReaderAnnotations: true}).Read()
		if unreadable != nil || len(nodes) == 0 {
			return nil, fmt.Errorf("helm chart %q: could not parse bytes into resource map: %w", p.config.Name, err)
		}
		if rm, err = p.h.ResmapFactory().NewResMapFromRNodeSlice(nodes); err != nil {
			return nil, fmt.Errorf("helm chart %q: could not parse rnode slice into resource map: %w", p.config.Name, err)
		}
	}
	for _, r := range rm.Resources() {
		if err := r.PipeE(kyaml.SetAnnotation(konfig.HelmGeneratedAnnotation, "true")); err != nil {
			return nil, err
		}
	}
	return rm, nil
}

// chartHome is where charts are looked for, with the version for one that would be fetched there.
func (p *helmCharts) chartHome() string {
	home := p.config.ChartHome
	if !path.IsAbs(home) {
		home = path.Join(p.h.Loader().Root(), home)
	}
	if p.config.Version != "" && p.config.Repo != "" {
		return path.Join(home, p.config.Name+"-"+p.config.Version)
	}
	return home
}

// load finds the chart: where charts lie in the tree, else among those that were fetched. Neither a chart nor an error
// means that it has to be fetched.
func (p *helmCharts) load() (*chart.Chart, string, error) {
	dir, ok := relative(path.Join(p.chartHome(), p.config.Name))
	if !ok {
		return nil, "", faultf("chart", "chartHome %q leads out of the repository", p.config.ChartHome)
	}
	if ch, ok := p.files.pulled[dir]; ok {
		return ch, dir, nil
	}
	s, err := p.files.t.stat(dir)
	if err == nil && s.Kind == "directory" {
		return loadChart(p.files.t, dir, nil)
	}
	if err != nil && !isMissing(err) {
		return nil, dir, err
	}
	if p.config.Repo == "" {
		return nil, "", faultf("not-found", "there is no chart at %s, and no repo to fetch it from", dir)
	}
	want := fetchedChart{Name: p.config.Name, Version: p.config.Version, Repository: p.config.Repo}
	if want.Version == "" && p.config.Devel {
		want.Version = ">0.0.0-0"
	}
	for _, f := range p.files.fetched {
		if f.Name == want.Name && f.Version == want.Version && f.Repository == want.Repository {
			return p.pull(f.Archive, dir)
		}
	}
	p.files.wantsChart(dependency{Name: want.Name, Version: want.Version, Repository: want.Repository})
	return nil, dir, nil
}

// pull shows the files of a fetched chart where `helm pull --untar` puts them: value files may be named there.
func (p *helmCharts) pull(archive, dir string) (*chart.Chart, string, error) {
	ch, err := loadArchive(p.files.t, archive)
	if err != nil {
		return nil, dir, err
	}
	for _, f := range ch.Raw {
		p.files.laid[path.Join(dir, f.Name)] = f.Data
	}
	p.files.pulled[dir] = ch
	return ch, dir, nil
}

// firstValues are the values file, and what is written in the kustomization merged with it.
func (p *helmCharts) firstValues() (helmValues, error) {
	c := p.config
	if len(c.ValuesInline) == 0 || c.ValuesMerge != "replace" {
		content, err := p.h.Loader().Load(c.ValuesFile)
		if err != nil {
			return helmValues{}, err
		}
		if len(c.ValuesInline) == 0 {
			return inlineValues(c.ValuesFile, content), nil
		}
		merged, err := mergedValues(content, c.ValuesInline, c.ValuesMerge)
		if err != nil {
			return helmValues{}, err
		}
		c.ValuesInline = merged
	}
	content, err := yaml.Marshal(c.ValuesInline)
	return inlineValues("valuesInline", content), err
}

func mergedValues(file []byte, inline map[string]any, how string) (map[string]any, error) {
	values, err := kyaml.Parse(string(file))
	if err != nil {
		return nil, fmt.Errorf("could not parse values file into rnode: %w", err)
	}
	written, err := kyaml.FromMap(inline)
	if err != nil {
		return nil, fmt.Errorf("could not parse values inline into rnode: %w", err)
	}
	over, under := written, values
	if how == "merge" {
		over, under = values, written
	}
	merged, err := merge2.Merge(over, under, kyaml.MergeOptions{})
	if err != nil {
		return nil, fmt.Errorf("could not merge values: %w", err)
	}
	return merged.Map()
}

func inlineValues(name string, content []byte) helmValues {
	text := string(content)
	if p, ok := relative(name); ok {
		name = p
	}
	return helmValues{Inline: &text, Name: name}
}

// release is the name that `helm template` takes: it does not generate one, whatever its flag says.
func (p *helmCharts) release() (string, error) {
	name, err := "release-name", error(nil)
	switch c := p.config; {
	case c.ReleaseName != "" && c.NameTemplate != "":
		err = errors.New("cannot set --name-template and also specify a name")
	case c.ReleaseName != "":
		name = c.ReleaseName
	case c.NameTemplate != "":
		var t *template.Template
		var out strings.Builder
		if t, err = template.New("name-template").Funcs(templateFuncs()).Parse(c.NameTemplate); err == nil {
			err = t.Execute(&out, nil)
		}
		name = out.String()
	}
	if err == nil {
		if err = chartutil.ValidateReleaseName(name); err != nil {
			err = fmt.Errorf("release name %q: %w", name, err)
		}
	}
	return name, err
}
