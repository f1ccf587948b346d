package main

import (
	"bufio"
	"bytes"
	"testing"
)

func TestFrameRoundTrip(t *testing.T) {
	var wire bytes.Buffer
	w := frameWriter{w: &wire}
	blobs := [][]byte{[]byte("one"), {}, []byte("three")}
	if err := w.send(map[string]string{"type": "x"}, blobs...); err != nil {
		t.Fatal(err)
	}
	header, payload, err := frameReader{bufio.NewReader(&wire)}.next()
	if err != nil || string(header) != `{"type":"x"}` {
		t.Fatalf("header %q, %v", header, err)
	}
	pieces, err := cut(payload, sizes(append(blobs, nil)))
	if err != nil || string(pieces[0]) != "one" || len(pieces[1]) != 0 || string(pieces[2]) != "three" || pieces[3] != nil {
		t.Fatalf("pieces %q, %v", pieces, err)
	}
}

// FuzzFrames feeds the reader whatever bytes: it may refuse them, never panic or allocate what is not there.
func FuzzFrames(f *testing.F) {
	f.Add([]byte("\x00\x00\x00\x02\x00\x00\x00\x01{}x"))
	f.Add([]byte("\xff\xff\xff\xff\xff\xff\xff\xff"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if data = bytes.Clone(data); len(data) > 8 {
			data[0], data[1], data[4], data[5] = 0, 0, 0, 0
		}
		header, payload, err := frameReader{bufio.NewReader(bytes.NewReader(data))}.next()
		if err == nil {
			_, _ = cut(payload, []int{len(header), -1, 1})
		}
	})
}
