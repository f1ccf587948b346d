package main

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"

	"sigs.k8s.io/yaml"
)

var remoteReference = regexp.MustCompile(`(?i)^(?:git::)?(?:(?:https?|ssh|git|file)://|github\.com[/:]|[a-z][a-z0-9-]*@[^/]+[:/])`)

// localize looks through a kustomization as it is read: remote bases are replaced by the directories where they are
// mounted, and without a mount remembered, so that the caller can fetch them all at once.
func (k *kustomizeFiles) localize(file string, content []byte) ([]byte, error) {
	if bytes.Contains(content, []byte("openapi")) {
		k.customSchema = true
	}
	if !bytes.Contains(content, []byte("//")) && !bytes.Contains(content, []byte("@")) && !bytes.Contains(content, []byte("github.com")) {
		return content, nil
	}
	var fields map[string]any
	if err := yaml.Unmarshal(content, &fields); err != nil {
		return content, nil //nolint:nilerr // Kustomize says it better
	}
	changed := false
	missing := len(k.remote)
	for _, key := range []string{"resources", "bases", "components"} {
		list, _ := fields[key].([]any)
		for i, item := range list {
			url, ok := item.(string)
			if !ok || !remoteReference.MatchString(url) {
				continue
			}
			local, err := k.mounted(path.Dir(file), url)
			if err != nil {
				return nil, k.note(err)
			}
			if local != "" {
				list[i], changed = local, true
			}
		}
	}
	if len(k.remote) > missing {
		if k.remoteIn == "" {
			k.remoteIn = file
		}
		return nil, fmt.Errorf("remote references: %s", strings.Join(k.remote[missing:], ", "))
	}
	if !changed {
		return content, nil
	}
	return yaml.Marshal(fields)
}

// mounted gives the way from a directory to where a remote base is mounted; "" for one without a mount, which is
// remembered, and for a mounted file, which Kustomize gets through remoteFiles.
func (k *kustomizeFiles) mounted(from, url string) (string, error) {
	where, ok := k.mounts[url]
	if !ok {
		k.wants(url)
		return "", nil
	}
	p, ok := clean(where)
	if !ok {
		return "", faultf("bad-request", "mount of %s: %q is outside of the tree", url, where)
	}
	s, err := k.t.stat(p)
	if err != nil || s.Kind == "file" {
		return "", err
	}
	return filepath.Rel(absolute(from), absolute(p))
}

func (k *kustomizeFiles) wants(url string) {
	if !slices.Contains(k.remote, url) {
		k.remote = append(k.remote, url)
	}
}

// current is the build that runs; there is only one at a time.
var current atomic.Pointer[kustomizeFiles]

// remoteFiles stands for the network in this process: it has the mounted files of the current build, and nothing else.
type remoteFiles struct{}

// RoundTrip answers from the mounts.
func (remoteFiles) RoundTrip(r *http.Request) (*http.Response, error) {
	url := r.URL.String()
	k := current.Load()
	if k == nil {
		return nil, fmt.Errorf("%s: there is no network here", url)
	}
	where, ok := k.mounts[url]
	if !ok {
		k.wants(url)
		return nil, fmt.Errorf("%s: there is no network here", url)
	}
	b, err := k.t.readPath(where)
	if err != nil {
		return nil, k.note(err)
	}
	return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(bytes.NewReader(b)), Request: r, Header: http.Header{}}, nil
}
