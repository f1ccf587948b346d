package main

import (
	"errors"
	"regexp"
	"strconv"
	"strings"

	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/api/types"
	"sigs.k8s.io/kustomize/kyaml/openapi"
)

type kustomizeParams struct {
	Root             string            `json:"root"`
	Edits            *kustomizeEdits   `json:"edits"`
	LoadRestrictions string            `json:"loadRestrictions"`
	Reorder          string            `json:"reorder"`
	ManagedByLabel   bool              `json:"managedByLabel"`
	Helm             *kustomizeHelm    `json:"helm"`
	Mounts           map[string]string `json:"mounts"`
	Charts           []fetchedChart    `json:"charts"`
}

// kustomizeHelm is there where charts are allowed.
type kustomizeHelm struct {
	KubeVersion string   `json:"kubeVersion"`
	APIVersions []string `json:"apiVersions"`
}

// kustomizeTurn lets one build run at a time: Kustomize keeps its OpenAPI schema in global variables.
var kustomizeTurn = make(chan struct{}, 1)

// buildKustomize is the method `kustomize`: what `kustomize build` prints after the edits an Application makes.
func buildKustomize(c *call) (answer, error) {
	p, err := decode[kustomizeParams](c)
	if err != nil {
		return answer{}, err
	}
	root, ok := clean(p.Root)
	if !ok {
		return answer{}, faultf("not-found", "kustomization %q: outside of the tree", p.Root)
	}
	select {
	case kustomizeTurn <- struct{}{}:
		defer func() { <-kustomizeTurn }()
	case <-c.ctx.Done():
		return answer{}, c.ctx.Err()
	}
	fsys := newKustomizeFiles(c, p)
	current.Store(fsys)
	defer current.Store(nil)
	if p.Edits != nil {
		if err := editKustomization(fsys, root, p.Edits); err != nil {
			return answer{}, fsys.fault(err, root)
		}
	}
	out := docs{c: c}
	if err := runKustomize(fsys, root, p, &out); err != nil {
		return answer{}, fsys.fault(err, root)
	}
	return answer{Result: map[string]any{"sources": out.sources, "charts": fsys.charts}, Blobs: out.blobs}, nil
}

func optionsOf(p kustomizeParams) *krusty.Options {
	options := krusty.MakeDefaultOptions()
	options.Reorder = krusty.ReorderOptionUnspecified // as the command line has it
	if p.Reorder != "" {
		options.Reorder = krusty.ReorderOption(p.Reorder)
	}
	options.AddManagedbyLabel = p.ManagedByLabel
	options.PluginConfig = types.DisabledPluginConfig()
	if p.Helm != nil {
		options.PluginConfig.HelmConfig = types.HelmConfig{
			Enabled: true, Command: "helm", KubeVersion: p.Helm.KubeVersion, ApiVersions: p.Helm.APIVersions,
		}
	}
	if p.LoadRestrictions == "none" {
		options.LoadRestrictions = types.LoadRestrictionsNone
	}
	return options
}

func runKustomize(fsys *kustomizeFiles, root string, p kustomizeParams, out *docs) error {
	defer func() {
		if fsys.customSchema {
			openapi.ResetOpenAPI()
		}
	}()
	result, err := krusty.MakeKustomizer(optionsOf(p)).Run(fsys, absolute(root))
	if err == nil {
		err = fsys.broken
	}
	if err == nil && len(fsys.missing) > 0 {
		err = errors.New("charts have to be fetched")
	}
	if err != nil {
		return err
	}
	for _, r := range result.Resources() {
		j, err := r.MarshalJSON()
		if err != nil {
			return err
		}
		if err := out.add(root, j); err != nil {
			return err
		}
	}
	return nil
}

var (
	kustomizeFile   = regexp.MustCompile(`in File: ([^\s'"]+)`)
	kustomizeSource = regexp.MustCompile(`accumulating resources from '([^']+)'`)
	kustomizeUnder  = regexp.MustCompile(`(?:under|at|for:?|directory) '?([^\s':]+)`)
	// kustomizeConfig is the whole of what a generator or transformer was told, literals of Secrets included.
	kustomizeConfig = regexp.MustCompile("(?s) with config: `.*`")
	anyYAMLLine     = regexp.MustCompile(`yaml: (?:unmarshal errors: )?line (\d+)`)
)

// fault gives an error of Kustomize a code and, where its text tells, a place.
func (k *kustomizeFiles) fault(err error, root string) *fault {
	if k.broken != nil {
		return asFault(k.broken, "kustomization")
	}
	if len(k.remote) > 0 {
		f := faultf("remote-base", "remote reference %s: there is no network here", k.remote[0])
		f.URL, f.URLs, f.File = k.remote[0], k.remote, k.remoteIn
		return f
	}
	if len(k.missing) > 0 {
		f := faultf("missing-charts", "chart %q of %s: there is no network here", k.missing[0].Name, k.missing[0].Repository)
		f.Dependencies, f.File = k.missing, k.rootFile(root)
		return f
	}
	f := asFault(err, "kustomization")
	f.Message = kustomizeConfig.ReplaceAllString(f.Message, "")
	m := f.Message
	switch {
	case f.Code != "kustomization":
		return f
	case strings.Contains(m, "security; file"):
		f.Code = "load-restriction"
	case strings.Contains(m, "cycle detected"):
		f.Code = "cycle"
	case strings.Contains(m, "must specify --enable-helm"):
		f.Code = "unsupported"
		f.Message = "helmCharts need --enable-helm (kustomize.buildOptions in argocd-cm; plumb render --kustomize-options): " + m
	case strings.Contains(m, "external plugins disabled"):
		f.Code = "unsupported"
		f.Message = "plugins and functions of kustomizations are programs, and are not run: " + m
	case strings.Contains(m, "MalformedYAMLError"), strings.Contains(m, "error converting YAML to JSON"):
		f.Code = "yaml"
	}
	for _, place := range []*regexp.Regexp{kustomizeFile, kustomizeSource, kustomizeUnder} {
		found := place.FindAllStringSubmatch(m, -1)
		if len(found) == 0 {
			continue
		}
		if file := k.locate(found[len(found)-1][1]); file != "" {
			f.File = file
			break
		}
	}
	if f.File == "" {
		f.File = k.rootFile(root)
	}
	if l := anyYAMLLine.FindStringSubmatch(m); l != nil {
		f.Line, _ = strconv.Atoi(l[1])
	}
	return f
}
