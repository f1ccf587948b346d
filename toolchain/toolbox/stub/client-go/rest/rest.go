// Package rest has the one type that Helm's engine names.
package rest

// Config is never filled in: nothing here connects to a cluster.
type Config struct{}
