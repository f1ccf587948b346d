package main

import (
	"testing"

	"sigs.k8s.io/kustomize/api/provenance"
)

// TestKustomizeRegistry guards the two names of Kustomize's insides that are used: with a new release of it they may be
// others.
func TestKustomizeRegistry(t *testing.T) {
	ours := 0
	for _, factory := range kustomizeGenerators {
		if _, ok := factory().(*helmCharts); ok {
			ours++
		}
	}
	if ours != 1 || len(kustomizeGenerators) < 3 {
		t.Errorf("%d of %d generators are ours", ours, len(kustomizeGenerators))
	}
	if got := provenance.GetProvenance().Semver(); got != kustomizeRelease {
		t.Errorf("Kustomize says that it is %s", got)
	}
}
