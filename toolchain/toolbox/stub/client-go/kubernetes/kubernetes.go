// Package kubernetes is empty: Helm imports it only to have client-go's version in the build information.
package kubernetes
