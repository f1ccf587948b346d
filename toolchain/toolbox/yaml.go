package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"sigs.k8s.io/yaml"
)

// document is one YAML document of a stream and the line where it starts.
type document struct {
	text []byte
	line int
}

// splitYAML cuts a stream as kubectl does (apimachinery's YAMLReader): a line that begins with --- and has nothing but a
// comment after it separates; line ends become \n.
func splitYAML(stream []byte) ([]document, error) {
	var out []document
	var current bytes.Buffer
	line, start := 0, 1
	for len(stream) > 0 {
		line++
		text, rest, _ := bytes.Cut(stream, []byte("\n"))
		stream = rest
		text = bytes.TrimSuffix(text, []byte("\r"))
		if bytes.HasPrefix(text, []byte("---")) {
			after := strings.TrimSpace(string(text[3:]))
			if after != "" && after[0] != '#' {
				return nil, &fault{Code: "yaml", Line: line, Message: oneLine("invalid YAML document separator: " + after)}
			}
			if current.Len() > 0 {
				out = append(out, document{bytes.Clone(current.Bytes()), start})
				current.Reset()
			}
			continue
		}
		if current.Len() == 0 {
			start = line
		}
		current.Write(text)
		current.WriteByte('\n')
	}
	if current.Len() > 0 {
		out = append(out, document{current.Bytes(), start})
	}
	return out, nil
}

// toJSON converts one document; duplicate keys are allowed, the last wins.
func toJSON(file string, d document) ([]byte, error) {
	j, err := yaml.YAMLToJSON(d.text)
	if err != nil {
		return nil, yamlFault("yaml", file, d.line, err)
	}
	return j, nil
}

// jsonPrefix reads as many JSON values as the stream starts with; it is the JSON half of apimachinery's
// YAMLOrJSONDecoder, which goes over to YAML when what follows the first value is no JSON.
func jsonPrefix(stream []byte) (values []document, rest []byte, line int, err error) {
	if !bytes.HasPrefix(bytes.TrimLeft(stream, " \t\r\n"), []byte("{")) {
		return nil, stream, 1, nil
	}
	decoder := json.NewDecoder(bytes.NewReader(stream))
	for {
		var raw json.RawMessage
		e := decoder.Decode(&raw)
		if e == io.EOF {
			return values, nil, 0, nil
		}
		if e != nil {
			if len(values) > 1 {
				return nil, nil, 0, &fault{Code: "yaml", Message: oneLine("json: " + e.Error())}
			}
			break
		}
		end := int(decoder.InputOffset())
		start := end - len(raw)
		values = append(values, document{raw, 1 + bytes.Count(stream[:start], []byte("\n"))})
		rest = stream[end:]
	}
	if values == nil {
		return nil, stream, 1, nil
	}
	consumed := len(stream) - len(rest)
	trimmed := bytes.TrimLeft(rest, " \t\r")
	if bytes.HasPrefix(trimmed, []byte("\n")) {
		trimmed = trimmed[1:]
	}
	consumed += len(rest) - len(trimmed)
	return values, trimmed, 1 + bytes.Count(stream[:consumed], []byte("\n")), nil
}

// eachDocument calls f for every document of a stream, in order, as JSON.
func eachDocument(file string, stream []byte, f func(json []byte, line int) error) error {
	values, rest, first, err := jsonPrefix(stream)
	if err != nil {
		return err
	}
	for _, v := range values {
		if err := f(v.text, v.line); err != nil {
			return err
		}
	}
	documents, err := splitYAML(rest)
	if err != nil {
		f := asFault(err, "yaml")
		f.File, f.Line = file, f.Line+first-1
		return f
	}
	for _, d := range documents {
		d.line += first - 1
		j, err := toJSON(file, d)
		if err != nil {
			return err
		}
		if err := f(j, d.line); err != nil {
			return err
		}
	}
	return nil
}

// readYAML is the method `yaml`: the exact reading of a stream.
func readYAML(c *call) (answer, error) {
	p, err := decode[struct {
		Name string `json:"name"`
	}](c)
	if err != nil {
		return answer{}, err
	}
	if len(c.blobs) != 1 {
		return answer{}, faultf("bad-request", "yaml: one text is needed")
	}
	out := docs{c: c}
	var lines []int
	err = eachDocument(p.Name, c.blobs[0], func(json []byte, line int) error {
		before := len(out.blobs)
		if err := out.add(p.Name, json); err != nil {
			if f := asFault(err, "yaml"); f.Code == "yaml" && f.Line == 0 {
				f.Line = line
			}
			return err
		}
		if len(out.blobs) > before {
			lines = append(lines, line)
		}
		return nil
	})
	if err != nil {
		return answer{}, fmt.Errorf("yaml: %w", err)
	}
	return answer{Result: map[string]any{"lines": lines}, Blobs: out.blobs}, nil
}
