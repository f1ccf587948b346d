package main

import (
	"encoding/json"
	"fmt"
	"path"
	"slices"
	"sort"
	"strings"

	release "helm.sh/helm/v4/pkg/release/v1"
	releaseutil "helm.sh/helm/v4/pkg/release/v1/util"
	"sigs.k8s.io/yaml"
)

// manifest is one rendered document with what its place in the output depends on.
type manifest struct {
	source string
	kind   string
	text   string
	json   []byte
}

// kindOrder is Helm's order of installation.
var kindOrder = func() map[string]int {
	order := make(map[string]int, len(releaseutil.InstallOrder))
	for i, kind := range releaseutil.InstallOrder {
		order[kind] = i
	}
	return order
}()

// addManifests adds what the templates gave: objects, then hooks.
func addManifests(out *docs, files map[string]string, skipTests bool) error {
	objects, hooks, err := sortManifests(files, skipTests)
	if err != nil {
		return err
	}
	for _, m := range slices.Concat(objects, hooks) {
		if err := out.add(m.source, m.json); err != nil {
			return err
		}
	}
	return nil
}

// sortManifests splits and sorts what the templates gave, as Helm's SortManifests does but reading each document once:
// objects by kind, hooks by kind. Documents whose hook annotation names no known hook are left out, as there.
func sortManifests(files map[string]string, skipTests bool) (objects, hooks []manifest, err error) {
	names := make([]string, 0, len(files))
	for name := range files {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		content := files[name]
		if strings.HasPrefix(path.Base(name), "_") || strings.TrimSpace(content) == "" {
			continue
		}
		parts := releaseutil.SplitManifests(content)
		keys := make([]string, 0, len(parts))
		for k := range parts {
			keys = append(keys, k)
		}
		sort.Sort(releaseutil.BySplitManifestsOrder(keys))
		for _, k := range keys {
			m, events, err := readManifest(name, parts[k])
			switch {
			case err != nil:
				return nil, nil, err
			case events == nil:
				objects = append(objects, m)
			case len(events) == 0 || (skipTests && slices.Contains(events, "test")):
			default:
				hooks = append(hooks, m)
			}
		}
	}
	for _, list := range [][]manifest{objects, hooks} {
		slices.SortStableFunc(list, byKind)
	}
	return objects, hooks, nil
}

func byKind(a, b manifest) int {
	i, known := kindOrder[a.kind]
	j, knownToo := kindOrder[b.kind]
	switch {
	case !known && !knownToo:
		return strings.Compare(a.kind, b.kind)
	case !known:
		return 1
	case !knownToo:
		return -1
	}
	return i - j
}

// readManifest reads a document; events is nil for an object, empty for a hook that is none.
func readManifest(name, text string) (m manifest, events []string, err error) {
	j, err := yaml.YAMLToJSON([]byte(text))
	if err != nil {
		return m, nil, &fault{Code: "yaml", File: name, Message: oneLine(fmt.Sprintf("YAML parse error on %s: %v", name, err))}
	}
	head, err := headOf(j, text)
	if err != nil {
		return m, nil, &fault{Code: "yaml", File: name, Message: oneLine(fmt.Sprintf("YAML parse error on %s: %v", name, err))}
	}
	m = manifest{source: name, kind: head.Kind, text: text, json: j}
	if head.Metadata == nil {
		return m, nil, nil
	}
	value, isHook := head.Metadata.Annotations[release.HookAnnotation]
	if !isHook {
		return m, nil, nil
	}
	events = []string{}
	for _, e := range strings.Split(value, ",") {
		e = strings.ToLower(strings.TrimSpace(e))
		if e == "test-success" {
			e = "test"
		}
		if !slices.Contains(hookEvents, e) {
			return m, []string{}, nil
		}
		events = append(events, e)
	}
	return m, events, nil
}

var hookEvents = []string{
	release.HookPreInstall.String(), release.HookPostInstall.String(), release.HookPreDelete.String(),
	release.HookPostDelete.String(), release.HookPreUpgrade.String(), release.HookPostUpgrade.String(),
	release.HookPreRollback.String(), release.HookPostRollback.String(), release.HookTest.String(),
}

// headOf reads kind and annotations from the JSON; where that does not fit Helm's types, Helm's own reading of the YAML
// decides (it turns numbers and booleans into strings, and refuses the rest).
func headOf(j []byte, text string) (releaseutil.SimpleHead, error) {
	var head releaseutil.SimpleHead
	if err := json.Unmarshal(j, &head); err == nil {
		return head, nil
	}
	head = releaseutil.SimpleHead{}
	err := yaml.Unmarshal([]byte(text), &head)
	return head, err
}
