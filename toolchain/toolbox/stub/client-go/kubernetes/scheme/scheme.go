// Package scheme knows the API versions that are built into client-go v0.36.1, and none of their types.
package scheme

import (
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	utilruntime "k8s.io/apimachinery/pkg/util/runtime"
)

// Scheme is what Helm takes the default of .Capabilities.APIVersions from.
var Scheme = runtime.NewScheme()

var versions = [][]schema.GroupVersion{
	{{Version: "v1"}},
	{{Group: "admissionregistration.k8s.io", Version: "v1"}, {Group: "admissionregistration.k8s.io", Version: "v1alpha1"}, {Group: "admissionregistration.k8s.io", Version: "v1beta1"}},
	{{Group: "apps", Version: "v1"}, {Group: "apps", Version: "v1beta1"}, {Group: "apps", Version: "v1beta2"}},
	{{Group: "authentication.k8s.io", Version: "v1"}, {Group: "authentication.k8s.io", Version: "v1alpha1"}, {Group: "authentication.k8s.io", Version: "v1beta1"}},
	{{Group: "authorization.k8s.io", Version: "v1"}, {Group: "authorization.k8s.io", Version: "v1beta1"}},
	{{Group: "autoscaling", Version: "v1"}, {Group: "autoscaling", Version: "v2"}},
	{{Group: "batch", Version: "v1"}, {Group: "batch", Version: "v1beta1"}},
	{{Group: "certificates.k8s.io", Version: "v1"}, {Group: "certificates.k8s.io", Version: "v1beta1"}, {Group: "certificates.k8s.io", Version: "v1alpha1"}},
	{{Group: "coordination.k8s.io", Version: "v1alpha2"}, {Group: "coordination.k8s.io", Version: "v1beta1"}, {Group: "coordination.k8s.io", Version: "v1"}},
	{{Group: "discovery.k8s.io", Version: "v1"}, {Group: "discovery.k8s.io", Version: "v1beta1"}},
	{{Group: "events.k8s.io", Version: "v1"}, {Group: "events.k8s.io", Version: "v1beta1"}},
	{{Group: "extensions", Version: "v1beta1"}},
	{{Group: "flowcontrol.apiserver.k8s.io", Version: "v1"}, {Group: "flowcontrol.apiserver.k8s.io", Version: "v1beta1"}, {Group: "flowcontrol.apiserver.k8s.io", Version: "v1beta2"}, {Group: "flowcontrol.apiserver.k8s.io", Version: "v1beta3"}},
	{{Group: "internal.apiserver.k8s.io", Version: "v1alpha1"}},
	{{Group: "networking.k8s.io", Version: "v1"}, {Group: "networking.k8s.io", Version: "v1beta1"}},
	{{Group: "node.k8s.io", Version: "v1"}, {Group: "node.k8s.io", Version: "v1alpha1"}, {Group: "node.k8s.io", Version: "v1beta1"}},
	{{Group: "policy", Version: "v1"}, {Group: "policy", Version: "v1beta1"}},
	{{Group: "rbac.authorization.k8s.io", Version: "v1"}, {Group: "rbac.authorization.k8s.io", Version: "v1beta1"}, {Group: "rbac.authorization.k8s.io", Version: "v1alpha1"}},
	{{Group: "resource.k8s.io", Version: "v1"}, {Group: "resource.k8s.io", Version: "v1beta2"}, {Group: "resource.k8s.io", Version: "v1beta1"}, {Group: "resource.k8s.io", Version: "v1alpha3"}},
	{{Group: "scheduling.k8s.io", Version: "v1alpha2"}, {Group: "scheduling.k8s.io", Version: "v1beta1"}, {Group: "scheduling.k8s.io", Version: "v1"}},
	{{Group: "storage.k8s.io", Version: "v1beta1"}, {Group: "storage.k8s.io", Version: "v1"}, {Group: "storage.k8s.io", Version: "v1alpha1"}},
	{{Group: "storagemigration.k8s.io", Version: "v1beta1"}},
}

func init() {
	for _, group := range versions {
		utilruntime.Must(Scheme.SetVersionPriority(group...))
	}
}
