package main

import (
	"bufio"
	"bytes"
	"io"
	"strings"
	"testing"

	utilyaml "k8s.io/apimachinery/pkg/util/yaml"
)

// TestSplitYAML holds our splitting against apimachinery's reader, which kubectl and Argo CD use.
func TestSplitYAML(t *testing.T) {
	for reason, stream := range map[string]string{
		"one document":              "a: 1\n",
		"separator first":           "---\na: 1\n---\nb: 2\n",
		"no newline at the end":     "a: 1\n---\nb: 2",
		"comments at separators":    "a: 1\n--- # x\nb: 2\n---   \nc: 3\n",
		"empty documents":           "---\n---\n\n---\na: 1\n---\n",
		"CRLF":                      "a: 1\r\n---\r\nb: |\r\n  x\r\n  y\r\n",
		"dashes in a block":         "a: |\n  ---\n  x\n---\nb: 2\n",
		"separator at the very end": "a: 1\n---",
		"nothing":                   "",
	} {
		t.Run(reason, func(t *testing.T) {
			var want []string
			for r := utilyaml.NewYAMLReader(bufio.NewReader(strings.NewReader(stream))); ; {
				doc, err := r.Read()
				// It leaves a separator at the very beginning in, which means nothing to the parser.
				if doc = bytes.TrimSpace(bytes.TrimPrefix(doc, []byte("---"))); len(doc) > 0 {
					want = append(want, string(doc))
				}
				if err == io.EOF {
					break
				} else if err != nil {
					t.Fatal(err)
				}
			}
			got, err := splitYAML([]byte(stream))
			if err != nil {
				t.Fatal(err)
			}
			var texts []string
			for _, d := range got {
				if s := strings.TrimSpace(string(d.text)); s != "" {
					texts = append(texts, s)
				}
			}
			if strings.Join(texts, "\x00") != strings.Join(want, "\x00") {
				t.Errorf("got %q, want %q", texts, want)
			}
		})
	}
}

func TestTooDeep(t *testing.T) {
	for text, want := range map[string]bool{
		strings.Repeat("[", maxDepth) + strings.Repeat("]", maxDepth):     false,
		strings.Repeat("[", maxDepth+1) + strings.Repeat("]", maxDepth+1): true,
		`"` + strings.Repeat("[", maxDepth+1) + `"`:                       false,
		`"\"` + strings.Repeat("[", maxDepth+1) + `"`:                     false,
	} {
		if got := tooDeep([]byte(text)); got != want {
			t.Errorf("tooDeep(%.20q) = %v, want %v", text, got, want)
		}
	}
}
