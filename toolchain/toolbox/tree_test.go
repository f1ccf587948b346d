package main

import (
	"context"
	"errors"
	"fmt"
	"testing"
)

// TestTreeAsksOnce counts the questions of a tree, which are what a render waits for.
func TestTreeAsksOnce(t *testing.T) {
	asked := []string{}
	tr := newTree(context.Background(), 100, func(kind string, _ int, paths []string) (*request, error) {
		asked = append(asked, fmt.Sprint(kind, paths))
		switch kind {
		case "read":
			r := &request{}
			for _, p := range paths {
				if p == "none" {
					r.Sizes = append(r.Sizes, -1)
					continue
				}
				r.Sizes, r.payload = append(r.Sizes, len(p)), append(r.payload, p...)
			}
			return r, nil
		case "list":
			return &request{Listed: [][]entry{nil}}, nil
		}
		return &request{Stats: []*stat{nil}}, nil
	})
	tr.preload([]string{"sent"}, [][]byte{[]byte("x")}, map[string][]entry{
		"": {{"dir", "directory"}, {"link", "link"}}, "dir": {{"f", "file"}}, "unused": nil,
	})
	for range 2 {
		if b, err := tr.readFiles([]string{"a", "sent", "none", "a"}); err != nil || string(b[0]) != "a" || string(b[1]) != "x" || b[2] != nil {
			t.Fatalf("%q, %v", b, err)
		}
		if s, err := tr.stat("dir/f"); err != nil || s.Kind != "file" {
			t.Fatal(s, err)
		}
		if _, err := tr.stat("dir/g"); !isMissing(err) {
			t.Fatal(err)
		}
		if _, err := tr.stat("link"); !isMissing(err) {
			t.Fatal(err)
		}
		if _, err := tr.list("gone"); !isMissing(err) {
			t.Fatal(err)
		}
	}
	if got, want := fmt.Sprint(asked), "[read[a none] stat[link] list[gone]]"; got != want {
		t.Errorf("asked %s, want %s", got, want)
	}
	trace := fmt.Sprint(tr.trace())
	if want := "map[listed:[] missed:[dir/g gone link none] read:[a sent] statted:[dir/f]]"; trace != want {
		t.Errorf("trace %s, want %s", trace, want)
	}
	var f *fault
	long := fmt.Sprintf("%0200d", 0)
	if _, err := tr.readFile(long); !errors.As(err, &f) || f.Code != "input-limit" {
		t.Errorf("a file beyond the budget: %v", err)
	}
}

func TestClean(t *testing.T) {
	for path, want := range map[string]string{
		"": "", ".": "", "a/../b": "b", "./a//b/": "a/b", "..": "!", "../a": "!", "a/../../b": "!", "/a": "!", "a\x00b": "!",
	} {
		got, ok := clean(path)
		if !ok {
			got = "!"
		}
		if got != want {
			t.Errorf("clean(%q) = %q, want %q", path, got, want)
		}
	}
}
