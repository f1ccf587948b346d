package main

import (
	"bytes"
	"io/fs"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/Masterminds/semver/v3"
	"helm.sh/helm/v4/pkg/chart/loader/archive"
	chart "helm.sh/helm/v4/pkg/chart/v2"
	"helm.sh/helm/v4/pkg/chart/v2/loader"
	"helm.sh/helm/v4/pkg/ignore"
)

const maxChartFiles = 20000

type dependency struct {
	Name       string `json:"name"`
	Version    string `json:"version"`
	Repository string `json:"repository"`
	Alias      string `json:"alias,omitempty"`
}

// loadChart loads a directory or an archive, adds the archives of fetched dependencies, and dependencies that are
// directories of the same tree (file://). It also gives the directory, for places in errors.
func loadChart(t *tree, where string, archives []string) (*chart.Chart, string, error) {
	root, ok := clean(where)
	if !ok {
		return nil, "", faultf("not-found", "chart %q: outside of the tree", where)
	}
	var ch *chart.Chart
	var err error
	if path.Ext(root) == ".tgz" {
		ch, err = loadArchive(t, root)
	} else {
		ch, err = loadDirectory(t, root)
	}
	if err != nil {
		return nil, root, err
	}
	for _, a := range archives {
		sub, err := loadArchive(t, a)
		if err != nil {
			return nil, root, err
		}
		ch.AddDependency(sub)
	}
	return ch, root, addLocalDependencies(t, root, ch)
}

func loadArchive(t *tree, file string) (*chart.Chart, error) {
	raw, err := t.readFile(file)
	if err != nil {
		return nil, notFound(err, file)
	}
	ch, err := loader.LoadArchive(bytes.NewReader(raw))
	if err != nil {
		return nil, yamlFault("chart", file, 1, err)
	}
	return ch, nil
}

func notFound(err error, file string) error {
	if isMissing(err) {
		return &fault{Code: "not-found", File: file, Message: oneLine(err.Error())}
	}
	return err
}

// loadDirectory does what Helm's directory loader does, over the tree.
func loadDirectory(t *tree, root string) (*chart.Chart, error) {
	if _, err := t.list(root); err != nil {
		return nil, notFound(err, root)
	}
	rules := ignore.Empty()
	raw, err := t.readFile(path.Join(root, ignore.HelmIgnore))
	if err == nil {
		if rules, err = ignore.Parse(bytes.NewReader(raw)); err != nil {
			return nil, &fault{Code: "chart", File: path.Join(root, ignore.HelmIgnore), Message: oneLine(err.Error())}
		}
	} else if !isMissing(err) {
		return nil, err
	}
	rules.AddDefaults()
	var names []string
	if err := walkChart(t, root, "", rules, &names); err != nil {
		return nil, err
	}
	paths := make([]string, len(names))
	for i, n := range names {
		paths[i] = path.Join(root, n)
	}
	contents, err := t.readFiles(paths)
	if err != nil {
		return nil, err
	}
	var files []*archive.BufferedFile
	for i, n := range names {
		if int64(len(contents[i])) > archive.MaxDecompressedFileSize {
			return nil, faultf("input-limit", "chart file %q is larger than the maximum file size %d", n, archive.MaxDecompressedFileSize)
		}
		data := bytes.TrimPrefix(contents[i], []byte{0xEF, 0xBB, 0xBF})
		files = append(files, &archive.BufferedFile{Name: n, Data: data})
	}
	ch, err := loader.LoadFiles(files)
	if err != nil {
		return nil, yamlFault("chart", chartFileIn(root, err), 1, err)
	}
	return ch, nil
}

// chartFileIn finds which of the chart's own files an error of the loader is about.
func chartFileIn(root string, err error) string {
	for _, name := range []string{"values.yaml", "requirements.yaml", "requirements.lock", "Chart.lock"} {
		if strings.Contains(err.Error(), "load "+name) && !strings.Contains(err.Error(), "subchart") {
			return path.Join(root, name)
		}
	}
	return path.Join(root, "Chart.yaml")
}

// walkChart lists the files of a chart, links followed, ignored ones left out.
func walkChart(t *tree, root, dir string, rules *ignore.Rules, names *[]string) error {
	entries, err := t.list(path.Join(root, dir))
	if err != nil {
		return notFound(err, path.Join(root, dir))
	}
	entries = slices.Clone(entries)
	slices.SortFunc(entries, func(a, b entry) int { return strings.Compare(a.Name, b.Name) })
	for _, e := range entries {
		name := path.Join(dir, e.Name)
		kind := e.Kind
		if kind == "link" {
			s, err := t.stat(path.Join(root, name))
			if err != nil {
				return notFound(err, path.Join(root, name))
			}
			kind = s.Kind
			if kind == "directory" && strings.HasPrefix(path.Join(root, name)+"/", s.Path+"/") {
				return &fault{Code: "cycle", File: path.Join(root, name), Message: "a link in the chart leads to a directory that contains it"}
			}
		}
		if rules.Ignore(name, fileInfo{e.Name, kind == "directory"}) {
			continue
		}
		if kind == "directory" {
			if strings.Count(name, "/") > 100 {
				return &fault{Code: "cycle", File: path.Join(root, name), Message: "directories of the chart are nested too deeply"}
			}
			if err := walkChart(t, root, name, rules, names); err != nil {
				return err
			}
			continue
		}
		if *names = append(*names, name); len(*names) > maxChartFiles {
			return faultf("input-limit", "the chart has more than %d files", maxChartFiles)
		}
	}
	return nil
}

// fileInfo is as much of a file as the ignore rules look at.
type fileInfo struct {
	name string
	dir  bool
}

func (f fileInfo) Name() string       { return f.name }
func (f fileInfo) Size() int64        { return 0 }
func (f fileInfo) ModTime() time.Time { return time.Time{} }
func (f fileInfo) IsDir() bool        { return f.dir }
func (f fileInfo) Sys() any           { return nil }
func (f fileInfo) Mode() fs.FileMode {
	if f.dir {
		return fs.ModeDir | 0o755
	}
	return 0o644
}

// addLocalDependencies loads what `helm dependency build` would pack from file:// repositories.
func addLocalDependencies(t *tree, root string, ch *chart.Chart) error {
	if path.Ext(root) == ".tgz" {
		return nil
	}
	for _, d := range missingDependencies(ch) {
		local, ok := strings.CutPrefix(d.Repository, "file://")
		if !ok {
			continue
		}
		dir, ok := clean(path.Join(root, local))
		if !ok {
			continue
		}
		sub, err := loadDirectory(t, dir)
		if err != nil {
			if asFault(err, "").Code == "not-found" {
				continue
			}
			return err
		}
		constraint, err := semver.NewConstraint(d.Version)
		if err != nil {
			return faultf("chart", "dependency %q has an invalid version/constraint format: %v", d.Name, err)
		}
		if v, err := semver.NewVersion(sub.Metadata.Version); err != nil || !constraint.Check(v) {
			return faultf("chart", "can't get a valid version for dependency %s: %s is not %s", d.Name, sub.Metadata.Version, d.Version)
		}
		ch.AddDependency(sub)
	}
	return nil
}

func missingDependencies(ch *chart.Chart) []dependency {
	missing := []dependency{}
	for _, d := range ch.Metadata.Dependencies {
		have := func(sub *chart.Chart) bool { return sub.Name() == d.Name }
		if !slices.ContainsFunc(ch.Dependencies(), have) {
			missing = append(missing, dependency{d.Name, d.Version, d.Repository, d.Alias})
		}
	}
	return missing
}

func missingFault(missing []dependency) *fault {
	names := make([]string, len(missing))
	for i, d := range missing {
		names[i] = d.Name
	}
	f := faultf("missing-dependencies", "found in Chart.yaml, but missing in charts/ directory: %s", strings.Join(names, ", "))
	f.Dependencies = missing
	return f
}

// helmDependencies is the method of that name: what the chart asks for, what is locked, and what is not there.
func helmDependencies(c *call) (answer, error) {
	p, err := decode[helmParams](c)
	if err != nil {
		return answer{}, err
	}
	ch, _, err := loadChart(c.tree, p.Chart, p.Dependencies)
	if err != nil {
		return answer{}, err
	}
	declared, locked := []dependency{}, []dependency{}
	for _, d := range ch.Metadata.Dependencies {
		declared = append(declared, dependency{d.Name, d.Version, d.Repository, d.Alias})
	}
	if ch.Lock != nil {
		for _, d := range ch.Lock.Dependencies {
			locked = append(locked, dependency{d.Name, d.Version, d.Repository, d.Alias})
		}
	}
	return answer{Result: map[string]any{"declared": declared, "locked": locked, "missing": missingDependencies(ch)}}, nil
}
