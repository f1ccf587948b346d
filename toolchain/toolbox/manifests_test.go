package main

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"testing"

	"helm.sh/helm/v4/pkg/chart/common"
	releaseutil "helm.sh/helm/v4/pkg/release/v1/util"
)

func testCall() *call {
	return &call{ctx: context.Background(), method: "test", limits: limits{OutputBytes: 1 << 20}}
}

// TestManifestOrder holds our sorting against Helm's own.
func TestManifestOrder(t *testing.T) {
	object := func(kind, name, annotations string) string {
		return fmt.Sprintf("---\napiVersion: v1\nkind: %s\nmetadata:\n  name: %s\n  annotations: {%s}\n", kind, name, annotations)
	}
	hook := `"helm.sh/hook": `
	files := map[string]string{
		"c/templates/z.yaml": object("Service", "s1", "") + object("Deployment", "d1", "") + object("Zed", "z1", "") + object("Alpha", "a1", ""),
		"c/templates/a.yaml": object("Deployment", "d2", "a: 1") + object("Namespace", "ns", "") + object("Job", "j1", hook+"pre-install") + "---\n# nothing\n",
		"c/templates/b.yaml": object("Pod", "t", hook+"test-success") + object("ServiceAccount", "sa", hook+`"Pre-Upgrade, post-install"`) + object("Job", "unknown", hook+"crd-install"),
		"c/templates/_h.tpl": object("Pod", "partial", ""),
		"c/templates/e.yaml": "  \n",
	}
	hooks, generic, err := releaseutil.SortManifests(files, common.VersionSet{}, releaseutil.InstallOrder)
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	for _, m := range generic {
		if m.Head.Metadata != nil {
			want = append(want, m.Head.Metadata.Name)
		}
	}
	for _, h := range hooks {
		want = append(want, h.Name)
	}
	out := docs{c: testCall()}
	if err := addManifests(&out, files, false); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, b := range out.blobs {
		var o struct{ Metadata struct{ Name string } }
		if err := json.Unmarshal(b, &o); err != nil {
			t.Fatal(err)
		}
		got = append(got, o.Metadata.Name)
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// TestBuiltInVersions guards the list that stands for client-go's scheme.
func TestBuiltInVersions(t *testing.T) {
	for _, v := range []string{
		"v1", "apps/v1", "batch/v1", "networking.k8s.io/v1", "policy/v1", "autoscaling/v2", "rbac.authorization.k8s.io/v1",
		"storage.k8s.io/v1", "admissionregistration.k8s.io/v1", "apiextensions.k8s.io/v1", "apiextensions.k8s.io/v1beta1",
		"extensions/v1beta1", "coordination.k8s.io/v1", "resource.k8s.io/v1", "internal.apiserver.k8s.io/v1alpha1",
	} {
		if !common.DefaultVersionSet.Has(v) {
			t.Errorf("%s is not known", v)
		}
	}
	if n := len(common.DefaultVersionSet); n != 55 {
		t.Errorf("%d versions, not 53 of client-go and 2 of apiextensions", n)
	}
}
