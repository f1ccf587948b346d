package main

import (
	"maps"
	"path"
	"slices"
	"strings"

	"sigs.k8s.io/kustomize/api/konfig"
	"sigs.k8s.io/kustomize/api/pkg/util"
	"sigs.k8s.io/kustomize/api/types"
	"sigs.k8s.io/yaml"
)

// kustomizeEdits are the changes of an Application to its kustomization.
type kustomizeEdits struct {
	NamePrefix              string            `json:"namePrefix"`
	NameSuffix              string            `json:"nameSuffix"`
	Namespace               string            `json:"namespace"`
	Images                  []string          `json:"images"`
	Replicas                []types.Replica   `json:"replicas"`
	CommonLabels            map[string]string `json:"commonLabels"`
	LabelWithoutSelector    bool              `json:"labelWithoutSelector"`
	LabelIncludeTemplates   bool              `json:"labelIncludeTemplates"`
	ForceCommonLabels       bool              `json:"forceCommonLabels"`
	CommonAnnotations       map[string]string `json:"commonAnnotations"`
	ForceCommonAnnotations  bool              `json:"forceCommonAnnotations"`
	Patches                 []types.Patch     `json:"patches"`
	Components              []string          `json:"components"`
	IgnoreMissingComponents bool              `json:"ignoreMissingComponents"`
}

// editKustomization changes the root kustomization in memory as `kustomize edit set|add` would change the file.
func editKustomization(k *kustomizeFiles, root string, e *kustomizeEdits) error {
	file, content, err := findKustomization(k, root)
	if err != nil {
		return err
	}
	var target types.Kustomization
	if err := target.Unmarshal(content); err != nil {
		f := yamlFault("kustomization", file, 1, err)
		return f
	}
	target.FixKustomization()
	if e.NamePrefix != "" {
		target.NamePrefix = e.NamePrefix
	}
	if e.NameSuffix != "" {
		target.NameSuffix = e.NameSuffix
	}
	if e.Namespace != "" {
		target.Namespace = e.Namespace
	}
	for _, step := range []func(*types.Kustomization, *kustomizeEdits) error{
		editImages, editReplicas, editLabels, editAnnotations,
	} {
		if err := step(&target, e); err != nil {
			return err
		}
	}
	target.Patches = append(target.Patches, e.Patches...)
	if err := editComponents(k, root, &target, e); err != nil {
		return err
	}
	edited, err := yaml.Marshal(target)
	if err != nil {
		return err
	}
	k.edited[file] = edited
	return nil
}

func findKustomization(k *kustomizeFiles, root string) (string, []byte, error) {
	var file string
	var content []byte
	for _, name := range konfig.RecognizedKustomizationFileNames() {
		b, err := k.t.readFile(path.Join(root, name))
		if isMissing(err) {
			continue
		}
		if err != nil {
			return "", nil, k.note(err)
		}
		if file != "" {
			return "", nil, faultf("kustomization", "Found multiple kustomization files under: %s", root)
		}
		file, content = path.Join(root, name), b
	}
	if file == "" {
		return "", nil, &fault{Code: "not-found", File: root, Message: oneLine("no kustomization file in " + root)}
	}
	return file, content, nil
}

func editImages(target *types.Kustomization, e *kustomizeEdits) error {
	if len(e.Images) == 0 {
		return nil
	}
	images := map[string]types.Image{}
	for _, arg := range e.Images {
		image, err := parseImage(arg)
		if err != nil {
			return err
		}
		images[image.Name] = image
	}
	for _, old := range target.Images {
		image, ok := images[old.Name]
		if !ok {
			images[old.Name] = old
			continue
		}
		images[old.Name] = types.Image{
			Name: old.Name, NewName: keep(image.NewName, old.NewName), TagSuffix: image.TagSuffix,
			NewTag: keep(image.NewTag, old.NewTag), Digest: keep(image.Digest, old.Digest),
		}
	}
	target.Images = nil
	for _, name := range slices.Sorted(maps.Keys(images)) {
		image := images[name]
		image.NewName, image.NewTag, image.Digest = keep(image.NewName, ""), keep(image.NewTag, ""), keep(image.Digest, "")
		target.Images = append(target.Images, image)
	}
	return nil
}

// keep is the value as written, or with * the one that was there.
func keep(value, old string) string {
	if value == "*" {
		return old
	}
	return value
}

// parseImage reads [old=]new[:tag][@digest].
func parseImage(arg string) (types.Image, error) {
	key, value, renamed := strings.Cut(arg, "=")
	if !renamed {
		key, value = "", arg
	}
	name, tag, digest := util.SplitImageName(value)
	if name == arg {
		return types.Image{}, faultf("bad-request", "image %q: use <image>=<newimage>:<newtag>, <image>=<newimage>@<digest>, <image>:<newtag> or <image>@<digest>", arg)
	}
	if key == "" {
		return types.Image{Name: name, NewTag: tag, Digest: digest}, nil
	}
	return types.Image{Name: key, NewName: name, NewTag: tag, Digest: digest}, nil
}

func editReplicas(target *types.Kustomization, e *kustomizeEdits) error {
	if len(e.Replicas) == 0 {
		return nil
	}
	replicas := map[string]types.Replica{}
	for _, r := range slices.Concat(target.Replicas, e.Replicas) {
		replicas[r.Name] = r
	}
	target.Replicas = nil
	for _, name := range slices.Sorted(maps.Keys(replicas)) {
		target.Replicas = append(target.Replicas, replicas[name])
	}
	return nil
}

func editLabels(target *types.Kustomization, e *kustomizeEdits) error {
	if len(e.CommonLabels) == 0 {
		return nil
	}
	if e.LabelIncludeTemplates && !e.LabelWithoutSelector {
		return faultf("bad-request", "labelIncludeTemplates needs labelWithoutSelector")
	}
	if !e.LabelWithoutSelector {
		return addPairs(&target.CommonLabels, e.CommonLabels, e.ForceCommonLabels, "label")
	}
	same := func(l types.Label) bool {
		return !l.IncludeSelectors && l.IncludeTemplates == e.LabelIncludeTemplates
	}
	i := slices.IndexFunc(target.Labels, same)
	if i < 0 {
		i = len(target.Labels)
		target.Labels = append(target.Labels, types.Label{IncludeTemplates: e.LabelIncludeTemplates})
	}
	return addPairs(&target.Labels[i].Pairs, e.CommonLabels, e.ForceCommonLabels, "label")
}

func editAnnotations(target *types.Kustomization, e *kustomizeEdits) error {
	return addPairs(&target.CommonAnnotations, e.CommonAnnotations, e.ForceCommonAnnotations, "annotation")
}

func addPairs(to *map[string]string, pairs map[string]string, force bool, kind string) error {
	if len(pairs) > 0 && *to == nil {
		*to = map[string]string{}
	}
	for _, key := range slices.Sorted(maps.Keys(pairs)) {
		if _, ok := (*to)[key]; ok && !force {
			return faultf("kustomization", "%s %s already in kustomization file. Use --force to override.", kind, key)
		}
		(*to)[key] = pairs[key]
	}
	return nil
}

func editComponents(k *kustomizeFiles, root string, target *types.Kustomization, e *kustomizeEdits) error {
	for _, component := range e.Components {
		if e.IgnoreMissingComponents && !remoteReference.MatchString(component) {
			p, ok := clean(path.Join(root, component))
			if !ok {
				continue
			}
			if _, err := k.t.stat(p); isMissing(err) {
				continue
			} else if err != nil {
				return k.note(err)
			}
		}
		if !slices.Contains(target.Components, component) {
			target.Components = append(target.Components, component)
		}
	}
	return nil
}
