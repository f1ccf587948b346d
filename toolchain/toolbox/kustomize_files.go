package main

import (
	"errors"
	"path"
	"path/filepath"
	"slices"
	"strings"

	chart "helm.sh/helm/v4/pkg/chart/v2"
	"sigs.k8s.io/kustomize/api/konfig"
	"sigs.k8s.io/kustomize/kyaml/filesys"
)

// treeRoot is where the tree of a request seems to lie for libraries that want absolute paths. A path that climbs out of
// the tree does not begin with it any more.
const treeRoot = "/.tree"

func absolute(p string) string { return path.Join(treeRoot, p) }

// relative gives the path in the tree, or false outside of it.
func relative(p string) (string, bool) {
	p = path.Clean(p)
	if p == treeRoot {
		return "", true
	}
	rest, ok := strings.CutPrefix(p, treeRoot+"/")
	return rest, ok
}

// kustomizeFiles is the file system that Kustomize sees: the tree, read-only, with the edited root kustomization on top.
type kustomizeFiles struct {
	c      *call
	t      *tree
	mounts map[string]string
	edited map[string][]byte
	// fetched are the charts that the caller fetched, pulled those in use by the directory where they seem to lie, and
	// laid their files.
	fetched []fetchedChart
	pulled  map[string]*chart.Chart
	laid    map[string][]byte
	// missing are charts that have to be fetched first; charts counts all.
	missing []dependency
	charts  int
	// remote are references without a mount, and the kustomization that the first one is in.
	remote   []string
	remoteIn string
	// customSchema says that a kustomization brought its own OpenAPI schema, which Kustomize keeps in a global variable.
	customSchema bool
	// broken is the first failure that is not just a missing file; Kustomize takes every failure for that.
	broken error
}

var errReadOnly = errors.New("the file system is read-only")

func newKustomizeFiles(c *call, p kustomizeParams) *kustomizeFiles {
	return &kustomizeFiles{
		c: c, t: c.tree, mounts: p.Mounts, fetched: p.Charts,
		edited: map[string][]byte{}, pulled: map[string]*chart.Chart{}, laid: map[string][]byte{},
	}
}

func (k *kustomizeFiles) wantsChart(d dependency) {
	if !slices.Contains(k.missing, d) {
		k.missing = append(k.missing, d)
	}
}

// note keeps a failure that must not be taken for a missing file.
func (k *kustomizeFiles) note(err error) error {
	if err != nil && !isMissing(err) && k.broken == nil {
		k.broken = err
	}
	return err
}

func (k *kustomizeFiles) stat(name string) (*stat, error) {
	p, ok := relative(name)
	if !ok {
		return nil, errMissing(name)
	}
	if _, ok := k.laid[p]; ok {
		return &stat{Kind: "file", Path: p}, nil
	}
	s, err := k.t.stat(p)
	return s, k.note(err)
}

// ReadFile reads a file; kustomizations come with their remote references led to where these are mounted.
func (k *kustomizeFiles) ReadFile(name string) ([]byte, error) {
	p, ok := relative(name)
	if !ok {
		return nil, errMissing(name)
	}
	if b, ok := k.laid[p]; ok {
		return b, nil
	}
	b, edited := k.edited[p]
	if !edited {
		var err error
		if b, err = k.t.readFile(p); err != nil {
			return nil, k.note(err)
		}
	}
	for _, known := range konfig.RecognizedKustomizationFileNames() {
		if path.Base(p) == known {
			return k.localize(p, b)
		}
	}
	return b, nil
}

// CleanedAbs splits a path, with links followed, into directory and file.
func (k *kustomizeFiles) CleanedAbs(name string) (filesys.ConfirmedDir, string, error) {
	s, err := k.stat(name)
	if err != nil {
		return "", "", err
	}
	real := absolute(s.Path)
	if s.Kind == "directory" {
		return filesys.ConfirmedDir(real), "", nil
	}
	return filesys.ConfirmedDir(path.Dir(real)), path.Base(real), nil
}

// Exists tells whether a path is there.
func (k *kustomizeFiles) Exists(name string) bool {
	_, err := k.stat(name)
	return err == nil
}

// IsDir tells whether a path is a directory.
func (k *kustomizeFiles) IsDir(name string) bool {
	s, err := k.stat(name)
	return err == nil && s.Kind == "directory"
}

// ReadDir gives the names in a directory.
func (k *kustomizeFiles) ReadDir(name string) ([]string, error) {
	p, ok := relative(name)
	if !ok {
		return nil, errMissing(name)
	}
	entries, err := k.t.list(p)
	if err != nil {
		return nil, k.note(err)
	}
	names := make([]string, len(entries))
	for i, e := range entries {
		names[i] = e.Name
	}
	return names, nil
}

// Glob matches in one directory, as much as any kustomization needs.
func (k *kustomizeFiles) Glob(pattern string) ([]string, error) {
	dir, last := path.Split(pattern)
	names, err := k.ReadDir(path.Clean(dir))
	if err != nil {
		return nil, nil //nolint:nilerr // like filepath.Glob
	}
	var out []string
	for _, n := range names {
		if ok, err := filepath.Match(last, n); err != nil {
			return nil, err
		} else if ok {
			out = append(out, path.Join(dir, n))
		}
	}
	return out, nil
}

func (k *kustomizeFiles) Create(string) (filesys.File, error) { return nil, errReadOnly }
func (k *kustomizeFiles) Open(string) (filesys.File, error)   { return nil, errReadOnly }
func (k *kustomizeFiles) Mkdir(string) error                  { return errReadOnly }
func (k *kustomizeFiles) MkdirAll(string) error               { return errReadOnly }
func (k *kustomizeFiles) RemoveAll(string) error              { return errReadOnly }
func (k *kustomizeFiles) WriteFile(string, []byte) error      { return errReadOnly }
func (k *kustomizeFiles) Walk(string, filepath.WalkFunc) error {
	return errReadOnly
}

// rootFile is the kustomization file of a directory, or the directory if there is none.
func (k *kustomizeFiles) rootFile(root string) string {
	for _, name := range konfig.RecognizedKustomizationFileNames() {
		if k.t.read[path.Join(root, name)] {
			return path.Join(root, name)
		}
	}
	return root
}

// locate finds the file of the tree that a text of Kustomize means: a path in the tree, or the end of one that was read.
func (k *kustomizeFiles) locate(text string) string {
	if p, ok := relative(text); ok {
		text = p
	}
	text = strings.TrimPrefix(path.Clean(text), "./")
	for strings.HasPrefix(text, "../") {
		text = text[3:]
	}
	if k.t.read[text] {
		return text
	}
	best := ""
	for p := range k.t.read {
		if strings.HasSuffix(p, "/"+text) && (best == "" || p < best) {
			best = p
		}
	}
	if best == "" && k.t.statted[text] {
		return k.rootFile(text)
	}
	return best
}
