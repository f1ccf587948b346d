// Stands in for client-go, of which Helm's engine needs only the list of built-in API versions once `lookup` is off:
// saves most of the compile time, half of the binary, and the registration of every Kubernetes type at start.
module k8s.io/client-go

go 1.26.0

require k8s.io/apimachinery v0.36.1
