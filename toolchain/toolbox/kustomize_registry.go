package main

import (
	_ "unsafe" // for linkname

	"sigs.k8s.io/kustomize/api/builtins" //nolint:staticcheck // the only public name of the generator
	"sigs.k8s.io/kustomize/api/resmap"
)

// Kustomize runs `helm` for its Helm generator and offers no way to bring another one. Its table of generators is
// internal, so it is reached by name; the key is an int there too. TestKustomizeRegistry guards both names.
//
//go:linkname kustomizeGenerators sigs.k8s.io/kustomize/api/internal/plugins/builtinhelpers.GeneratorFactories
var kustomizeGenerators map[int]func() resmap.GeneratorPlugin

// kustomizeVersion is what Kustomize says of itself in the label app.kubernetes.io/managed-by. As a library it does not
// know; what it says then is not even the value of a label.
//
//go:linkname kustomizeVersion sigs.k8s.io/kustomize/api/provenance.version
var kustomizeVersion string

// kustomizeRelease is the release of the command whose library go.mod pins.
const kustomizeRelease = "v5.8.1"

func init() {
	kustomizeVersion = "kustomize/" + kustomizeRelease
	for key, factory := range kustomizeGenerators {
		if _, ok := factory().(*builtins.HelmChartInflationGeneratorPlugin); ok {
			kustomizeGenerators[key] = func() resmap.GeneratorPlugin { return &helmCharts{} }
		}
	}
}
