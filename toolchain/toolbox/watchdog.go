package main

import (
	"io"
	"os"
	"runtime/debug"
	"runtime/metrics"
	"time"
)

// debugOut is where details go that are of use to nobody but a developer of this process.
var debugOut io.Writer = os.Stderr

const (
	watchEvery = 10 * time.Millisecond
	idleAfter  = 2 * time.Second
)

// watchMemory ends the process, naming the calls under way, when the heap goes over the limit: one allocation too much
// can't be taken back, and the parent then finds the culprit by running them again alone. When nothing has run for a
// while it gives memory back to the system, and sleeps until the next call.
func (s *session) watchMemory(limit uint64) {
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}, {Name: "/memory/classes/heap/stacks:bytes"}}
	for range s.wake {
		for idle := time.Duration(0); idle < idleAfter; time.Sleep(watchEvery) {
			running := s.running()
			if len(running) == 0 {
				idle += watchEvery
				continue
			}
			idle = 0
			metrics.Read(sample)
			if sample[0].Value.Uint64()+sample[1].Value.Uint64() > limit {
				_ = s.out.send(map[string]any{"type": "dying", "reason": "memory", "running": running})
				os.Exit(3)
			}
		}
		debug.FreeOSMemory()
	}
}

func (s *session) running() []int {
	s.mu.Lock()
	defer s.mu.Unlock()
	ids := make([]int, 0, len(s.calls))
	for id := range s.calls {
		ids = append(ids, id)
	}
	return ids
}
