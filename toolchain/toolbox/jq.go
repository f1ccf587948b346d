package main

import (
	"bytes"
	"context"
	"encoding/json"
	"math/big"
	"strings"
	"sync"
	"time"

	"github.com/itchyny/gojq"
)

// jqPrograms keeps compiled expressions: ignore rules run on every object.
var jqPrograms struct {
	sync.Mutex
	codes map[string]*gojq.Code
}

const maxJqPrograms = 1024

func compileJq(expression string) (*gojq.Code, error) {
	jqPrograms.Lock()
	defer jqPrograms.Unlock()
	if code, ok := jqPrograms.codes[expression]; ok {
		return code, nil
	}
	query, err := gojq.Parse(expression)
	if err != nil {
		return nil, err
	}
	code, err := gojq.Compile(query)
	if err != nil {
		return nil, err
	}
	if jqPrograms.codes == nil || len(jqPrograms.codes) >= maxJqPrograms {
		jqPrograms.codes = map[string]*gojq.Code{}
	}
	jqPrograms.codes[expression] = code
	return code, nil
}

// runJq is the method `jq`: expressions over one object, each on its own or one after the other.
func runJq(c *call) (answer, error) {
	p, err := decode[struct {
		Expressions []string `json:"expressions"`
		Mode        string   `json:"mode"`
		CallMs      int      `json:"callMs"`
	}](c)
	if err != nil {
		return answer{}, err
	}
	if len(c.blobs) != 1 {
		return answer{}, faultf("bad-request", "jq: one object is needed")
	}
	object, err := exactJSON(c.blobs[0])
	if err != nil {
		return answer{}, faultf("bad-request", "jq: object: %v", err)
	}
	limit := time.Duration(p.CallMs) * time.Millisecond
	if limit <= 0 {
		limit = time.Second
	}
	// The blobs are all outputs of all expressions, and the object at the end of a chain.
	counts, problems, blobs := []int{}, []*fault{}, [][]byte{}
	chained, left := object, c.limits.OutputBytes
	for _, expression := range p.Expressions {
		input := object
		if p.Mode == "chain" {
			input = chained
		}
		values, texts, err := runOne(c.ctx, expression, input, limit, &left)
		if e := c.ctx.Err(); e != nil {
			return answer{}, e
		}
		if err != nil {
			counts, problems = append(counts, 0), append(problems, asFault(err, "jq"))
			continue
		}
		if len(values) > 0 {
			chained = values[0]
		}
		counts, problems, blobs = append(counts, len(texts)), append(problems, nil), append(blobs, texts...)
	}
	if p.Mode == "chain" {
		text, err := gojq.Marshal(chained)
		if err != nil {
			return answer{}, asFault(err, "jq")
		}
		blobs = append(blobs, text)
	}
	return answer{Result: map[string]any{"counts": counts, "errors": problems}, Blobs: blobs}, nil
}

// runOne runs an expression; the input is copied where gojq changes it.
func runOne(ctx context.Context, expression string, input any, limit time.Duration, left *int) ([]any, [][]byte, error) {
	code, err := compileJq(expression)
	if err != nil {
		return nil, nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	var values []any
	var texts [][]byte
	for outputs := code.RunWithContext(ctx, input); ; {
		v, ok := outputs.Next()
		if !ok {
			return values, texts, nil
		}
		if err, failed := v.(error); failed {
			if ctx.Err() != nil {
				return nil, nil, faultf("timeout", "jq: not done after %s", limit)
			}
			if halt, isHalt := err.(*gojq.HaltError); isHalt && halt.Value() == nil {
				return values, texts, nil
			}
			return nil, nil, err
		}
		text, err := gojq.Marshal(v)
		if err != nil {
			return nil, nil, err
		}
		if *left -= len(text); *left < 0 {
			return nil, nil, faultf("output-limit", "jq: the result is too long")
		}
		values, texts = append(values, v), append(texts, text)
	}
}

// exactJSON reads JSON with integers of any size.
func exactJSON(text []byte) (any, error) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, err
	}
	return exactNumbers(v), nil
}

func exactNumbers(v any) any {
	switch v := v.(type) {
	case []any:
		for i := range v {
			v[i] = exactNumbers(v[i])
		}
	case map[string]any:
		for k := range v {
			v[k] = exactNumbers(v[k])
		}
	case json.Number:
		if i, err := v.Int64(); err == nil {
			return int(i)
		}
		if !strings.ContainsAny(string(v), ".eE") {
			if i, ok := new(big.Int).SetString(string(v), 10); ok {
				return i
			}
		}
		f, _ := v.Float64()
		return f
	}
	return v
}
