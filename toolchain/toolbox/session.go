package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"runtime/debug"
	"sync"
	"time"
)

// request is what the caller sends; the payload is its blobs and then its preloaded files.
type request struct {
	Type   string             `json:"type"`
	ID     int                `json:"id"`
	Method string             `json:"method"`
	Params json.RawMessage    `json:"params"`
	Limits limits             `json:"limits"`
	Sizes  []int              `json:"sizes"`
	Files  []string           `json:"files"`
	Lists  map[string][]entry `json:"lists"`
	// of a reply to an ask
	Ask    int       `json:"ask"`
	Failed bool      `json:"failed"`
	Listed [][]entry `json:"listed"`
	Stats  []*stat   `json:"stats"`

	payload []byte
}

type limits struct {
	TimeMs      int `json:"timeMs"`
	OutputBytes int `json:"outputBytes"`
	InputBytes  int `json:"inputBytes"`
}

// answer is what a method gives back: a small result as JSON, and large texts beside it.
type answer struct {
	Result any
	Blobs  [][]byte
}

// call is one request under way. It is answered once: by its method, by its deadline or by being cancelled.
type call struct {
	id      int
	method  string
	ctx     context.Context
	cancel  context.CancelFunc
	limits  limits
	tree    *tree
	blobs   [][]byte
	params  json.RawMessage
	replies chan *request
}

// session is the conversation with the parent.
type session struct {
	in    frameReader
	out   frameWriter
	mu    sync.Mutex
	calls map[int]*call
	wake  chan struct{} // tells the watchdog that there is work
}

func newSession(in io.Reader, out io.Writer) *session {
	return &session{
		in:    frameReader{bufio.NewReaderSize(in, 256<<10)},
		out:   frameWriter{w: out},
		calls: map[int]*call{},
		wake:  make(chan struct{}, 1),
	}
}

// serve says hello and then handles frames until the parent closes the pipe.
func (s *session) serve(sandbox string) error {
	hello := map[string]any{"type": "hello", "protocol": protocolVersion, "versions": versions(), "sandbox": sandbox}
	if err := s.out.send(hello); err != nil {
		return err
	}
	for {
		header, payload, err := s.in.next()
		if err != nil {
			return err
		}
		var r request
		if err := json.Unmarshal(header, &r); err != nil {
			return fmt.Errorf("unreadable frame: %w", err)
		}
		r.payload = payload
		switch r.Type {
		case "request":
			s.start(&r)
		case "reply":
			if c := s.find(r.ID); c != nil {
				c.replies <- &r
			}
		case "cancel":
			if c := s.find(r.ID); c != nil {
				c.cancel()
			}
		default:
			return fmt.Errorf("unknown frame type %q", r.Type)
		}
	}
}

func (s *session) find(id int) *call {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.calls[id]
}

// start runs a request beside the others and answers for it when its time is up.
func (s *session) start(r *request) {
	timeout := time.Duration(r.Limits.TimeMs) * time.Millisecond
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	c := &call{
		id: r.ID, method: r.Method, ctx: ctx, cancel: cancel, limits: r.Limits, params: r.Params,
		replies: make(chan *request, 1),
	}
	s.mu.Lock()
	s.calls[r.ID] = c
	s.mu.Unlock()
	select {
	case s.wake <- struct{}{}:
	default:
	}

	done := make(chan struct{})
	go func() {
		defer close(done)
		a, err := s.run(c, r)
		s.finish(c, a, err)
	}()
	go func() {
		defer cancel()
		select {
		case <-done:
			return
		case <-ctx.Done():
		}
		// Well-behaved code notices the end of its context itself; what does not is abandoned, and this process with it.
		select {
		case <-done:
			return
		case <-time.After(250 * time.Millisecond):
		}
		s.abandon(c)
	}()
}

// run executes the method; a panic in a library is an error of this request alone.
func (s *session) run(c *call, r *request) (a answer, err error) {
	defer func() {
		if p := recover(); p != nil {
			where := string(bytes.TrimSpace(debug.Stack()))
			err = faultf("crashed", "%s: panic: %v", c.method, p)
			fmt.Fprintln(debugOut, where)
		}
	}()
	pieces, err := cut(r.payload, r.Sizes)
	if err != nil || len(pieces) < len(r.Files) {
		return a, faultf("bad-request", "%s: %v", c.method, err)
	}
	split := len(pieces) - len(r.Files)
	c.blobs = pieces[:split]
	c.tree = newTree(c.ctx, c.limits.InputBytes, func(kind string, ask int, paths []string) (*request, error) {
		return s.ask(c, kind, ask, paths)
	})
	c.tree.preload(r.Files, pieces[split:], r.Lists)
	method, ok := methods[c.method]
	if !ok {
		return a, faultf("bad-request", "unknown method %q", c.method)
	}
	return method(c)
}

// ask sends a question about files to the parent and waits for the answer.
func (s *session) ask(c *call, kind string, n int, paths []string) (*request, error) {
	frame := map[string]any{"type": "ask", "id": c.id, "ask": n, "kind": kind, "paths": paths}
	if err := s.out.send(frame); err != nil {
		return nil, err
	}
	for {
		select {
		case r := <-c.replies:
			if r.Ask != n {
				continue
			}
			if r.Failed {
				return nil, faultf("source", "the caller could not supply %s", paths[0])
			}
			return r, nil
		case <-c.ctx.Done():
			return nil, c.ctx.Err()
		}
	}
}

// take removes the call; only who gets true may answer for it.
func (s *session) take(c *call) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.calls[c.id] != c {
		return false
	}
	delete(s.calls, c.id)
	return true
}

func (s *session) finish(c *call, a answer, err error) {
	if !s.take(c) {
		return
	}
	if err == nil {
		total := 0
		for _, b := range a.Blobs {
			total += len(b)
		}
		if total > c.limits.OutputBytes {
			err = faultf("output-limit", "%s: the result has more than %d bytes", c.method, c.limits.OutputBytes)
		}
	}
	header := map[string]any{"type": "answer", "id": c.id}
	if c.tree != nil {
		header["trace"] = c.tree.trace()
	}
	if err != nil {
		if e := c.ctx.Err(); e != nil {
			err = c.expired()
		}
		header["error"] = asFault(err, "crashed")
		a.Blobs = nil
	} else {
		header["result"] = a.Result
		header["sizes"] = sizes(a.Blobs)
	}
	if err := s.out.send(header, a.Blobs...); err != nil {
		fmt.Fprintln(debugOut, "toolbox:", err)
	}
}

// expired is the error of a call whose context has ended.
func (c *call) expired() *fault {
	if c.ctx.Err() == context.DeadlineExceeded {
		return faultf("timeout", "%s: not done after %d ms", c.method, c.limits.TimeMs)
	}
	return faultf("cancelled", "%s: cancelled", c.method)
}

// abandon answers for a call that does not stop. Its goroutine can't be killed, so the parent is told to replace this
// process once the other calls are done.
func (s *session) abandon(c *call) {
	if !s.take(c) {
		return
	}
	_ = s.out.send(map[string]any{"type": "answer", "id": c.id, "error": c.expired(), "poisoned": true})
}
