// Package discovery has the type that Helm's `lookup` names; there is no client behind it.
package discovery

import (
	"errors"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"
)

// DiscoveryClient knows nothing.
type DiscoveryClient struct{}

// NewDiscoveryClientForConfig always refuses.
func NewDiscoveryClientForConfig(*rest.Config) (*DiscoveryClient, error) {
	return nil, errors.New("there is no cluster here")
}

// ServerResourcesForGroupVersion always refuses.
func (*DiscoveryClient) ServerResourcesForGroupVersion(string) (*metav1.APIResourceList, error) {
	return nil, errors.New("there is no cluster here")
}
