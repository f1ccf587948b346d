package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"sync"
)

// entry is one name of a listing: [name, kind] on the wire, kind being "file", "directory" or "link".
type entry struct{ Name, Kind string }

// UnmarshalJSON reads the pair.
func (e *entry) UnmarshalJSON(b []byte) error {
	var pair [2]string
	if err := json.Unmarshal(b, &pair); err != nil {
		return err
	}
	e.Name, e.Kind = pair[0], pair[1]
	return nil
}

// stat is what a path leads to once all links are followed.
type stat struct {
	Kind string `json:"kind"`
	Path string `json:"path"`
}

type asker func(kind string, n int, paths []string) (*request, error)

// tree is the read-only file system of one request. Paths are relative to its root and clean; the root is "". What is
// not known is asked from the caller, once; every look is recorded, misses included.
type tree struct {
	ctx    context.Context
	ask    asker
	mu     sync.Mutex
	n      int
	budget int
	files  map[string][]byte // nil: not there
	lists  map[string][]entry
	stats  map[string]*stat

	read, listed, statted, missed map[string]bool
}

func newTree(ctx context.Context, budget int, ask asker) *tree {
	return &tree{
		ctx: ctx, ask: ask, budget: budget,
		files: map[string][]byte{}, lists: map[string][]entry{}, stats: map[string]*stat{},
		read: map[string]bool{}, listed: map[string]bool{}, statted: map[string]bool{}, missed: map[string]bool{},
	}
}

func (t *tree) preload(names []string, contents [][]byte, lists map[string][]entry) {
	for i, name := range names {
		t.files[name] = contents[i]
	}
	for name, entries := range lists {
		t.lists[name] = orEmpty(entries)
	}
}

// orEmpty keeps an empty listing apart from one that is not there.
func orEmpty(entries []entry) []entry {
	if entries == nil {
		return []entry{}
	}
	return entries
}

// errMissing says that a path is not in the tree; it is fs.ErrNotExist to the libraries.
type errMissing string

func (e errMissing) Error() string   { return fmt.Sprintf("%s: no such file or directory", string(e)) }
func (e errMissing) Is(o error) bool { return o == fs.ErrNotExist }

func isMissing(err error) bool { return errors.Is(err, fs.ErrNotExist) }

// question asks the caller; one at a time is enough, the libraries read one after the other.
func (t *tree) question(kind string, paths []string) (*request, error) {
	if err := t.ctx.Err(); err != nil {
		return nil, err
	}
	t.n++
	return t.ask(kind, t.n, paths)
}

// clean brings a path into the form of the tree; false if it leaves it.
func clean(p string) (string, bool) {
	p = path.Clean(p)
	if p == "." || p == "" {
		return "", true
	}
	if p[0] == '/' || p == ".." || strings.HasPrefix(p, "../") || strings.IndexByte(p, 0) >= 0 {
		return "", false
	}
	return p, true
}

// readFile gives the content of a file.
func (t *tree) readFile(p string) ([]byte, error) {
	contents, err := t.readFiles([]string{p})
	if err != nil {
		return nil, err
	}
	if contents[0] == nil {
		return nil, errMissing(p)
	}
	return contents[0], nil
}

// readFiles gives the contents of many files with one question; nil where there is none.
func (t *tree) readFiles(paths []string) ([][]byte, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	var unknown []string
	for _, p := range paths {
		if _, ok := t.files[p]; !ok && !slices.Contains(unknown, p) {
			unknown = append(unknown, p)
		}
	}
	if len(unknown) > 0 {
		r, err := t.question("read", unknown)
		if err != nil {
			return nil, err
		}
		pieces, err := cut(r.payload, r.Sizes)
		if err != nil || len(pieces) != len(unknown) {
			return nil, faultf("bad-request", "the caller's files do not match the question")
		}
		for i, p := range unknown {
			t.files[p] = pieces[i]
		}
	}
	out := make([][]byte, len(paths))
	for i, p := range paths {
		out[i] = t.files[p]
		if out[i] == nil {
			t.missed[p] = true
			continue
		}
		if !t.read[p] {
			t.read[p] = true
			t.budget -= len(out[i])
		}
	}
	if t.budget < 0 {
		return nil, faultf("input-limit", "the files that are read have more bytes than the limit allows")
	}
	return out, nil
}

// list gives the entries of a directory.
func (t *tree) list(p string) ([]entry, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if _, ok := t.lists[p]; !ok {
		r, err := t.question("list", []string{p})
		if err != nil {
			return nil, err
		}
		if len(r.Listed) != 1 {
			return nil, faultf("bad-request", "the caller's listing does not match the question")
		}
		t.lists[p] = r.Listed[0]
	}
	if t.lists[p] == nil {
		t.missed[p] = true
		return nil, errMissing(p)
	}
	t.listed[p] = true
	return t.lists[p], nil
}

// stat follows a path's links.
func (t *tree) stat(p string) (*stat, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if p == "" {
		return &stat{Kind: "directory"}, nil
	}
	known, ok := t.stats[p]
	if !ok {
		if known, ok = t.derive(p); !ok {
			r, err := t.question("stat", []string{p})
			if err != nil {
				return nil, err
			}
			if len(r.Stats) != 1 {
				return nil, faultf("bad-request", "the caller's stat does not match the question")
			}
			known = r.Stats[0]
		}
		t.stats[p] = known
	}
	if known == nil {
		t.missed[p] = true
		return nil, errMissing(p)
	}
	t.statted[p] = true
	return known, nil
}

// derive finds a stat from listings that are known already, where no link is on the way.
func (t *tree) derive(p string) (*stat, bool) {
	if p == "" {
		return &stat{Kind: "directory"}, true
	}
	if s, ok := t.stats[p]; ok {
		return s, s == nil || s.Path == p
	}
	dir, base := path.Split(p)
	parent := strings.TrimSuffix(dir, "/")
	entries, ok := t.lists[parent]
	if !ok || entries == nil {
		return nil, false
	}
	if s, ok := t.derive(parent); !ok || s == nil || s.Kind != "directory" {
		return nil, false
	}
	for _, e := range entries {
		if e.Name == base {
			return &stat{Kind: e.Kind, Path: p}, e.Kind != "link"
		}
	}
	return nil, true
}

// trace is everything that was looked at, sorted.
func (t *tree) trace() map[string][]string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return map[string][]string{
		"read": sorted(t.read), "listed": sorted(t.listed), "statted": sorted(t.statted), "missed": sorted(t.missed),
	}
}

func sorted(set map[string]bool) []string {
	names := make([]string, 0, len(set))
	for name := range set {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
