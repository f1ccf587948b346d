package main

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"sync"
)

// A frame is two 32-bit big-endian lengths, a JSON header, and raw bytes that the header says how to cut up.
const (
	maxHeader  = 256 << 20
	maxPayload = 1 << 30
)

type frameReader struct{ r *bufio.Reader }

func (f frameReader) next() (header, payload []byte, err error) {
	var lengths [8]byte
	if _, err := io.ReadFull(f.r, lengths[:]); err != nil {
		return nil, nil, err
	}
	h, p := binary.BigEndian.Uint32(lengths[:4]), binary.BigEndian.Uint32(lengths[4:])
	if h > maxHeader || p > maxPayload {
		return nil, nil, fmt.Errorf("frame too long: %d + %d bytes", h, p)
	}
	header, payload = make([]byte, h), make([]byte, p)
	if _, err := io.ReadFull(f.r, header); err != nil {
		return nil, nil, err
	}
	_, err = io.ReadFull(f.r, payload)
	return header, payload, err
}

type frameWriter struct {
	mu sync.Mutex
	w  io.Writer
}

// send writes one frame; the blobs become its payload, one after the other.
func (f *frameWriter) send(header any, blobs ...[]byte) error {
	h, err := json.Marshal(header)
	if err != nil {
		return err
	}
	total := 0
	for _, b := range blobs {
		total += len(b)
	}
	frame := make([]byte, 8, 8+len(h)+total)
	binary.BigEndian.PutUint32(frame[:4], uint32(len(h)))
	binary.BigEndian.PutUint32(frame[4:], uint32(total))
	frame = append(frame, h...)
	for _, b := range blobs {
		frame = append(frame, b...)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	_, err = f.w.Write(frame)
	return err
}

// cut splits a payload into pieces of these sizes; -1 stands for a piece that is not there (nil).
func cut(payload []byte, sizes []int) ([][]byte, error) {
	pieces := make([][]byte, len(sizes))
	for i, n := range sizes {
		if n < 0 {
			continue
		}
		if n > len(payload) {
			return nil, fmt.Errorf("payload is shorter than its header says")
		}
		pieces[i], payload = payload[:n:n], payload[n:]
	}
	if len(payload) != 0 {
		return nil, fmt.Errorf("payload is longer than its header says")
	}
	return pieces, nil
}

func sizes(blobs [][]byte) []int {
	n := make([]int, len(blobs))
	for i, b := range blobs {
		n[i] = len(b)
		if b == nil {
			n[i] = -1
		}
	}
	return n
}
