package main

import "encoding/json"

// outcomes collects the results of a batch: a blob for each success, a code and a message for each failure.
type outcomes struct {
	Errors []*fault
	Blobs  [][]byte
}

func (o *outcomes) ok(b []byte) {
	if b == nil {
		b = []byte{}
	}
	o.Blobs, o.Errors = append(o.Blobs, b), append(o.Errors, nil)
}

func (o *outcomes) failed(code string, err error) {
	o.Blobs, o.Errors = append(o.Blobs, nil), append(o.Errors, asFault(err, code))
}

// value adds a Go value as JSON.
func (o *outcomes) value(code string, v any) {
	b, err := json.Marshal(v)
	if err != nil {
		o.failed(code, err)
		return
	}
	o.ok(b)
}
