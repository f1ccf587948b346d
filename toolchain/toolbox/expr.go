package main

import (
	"encoding/json"
	"strings"
	"time"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/vm"
)

// evaluateExpr is the method `expr`: expressions over the same variables, with the `time` and `strings` of Argo CD's
// notification triggers.
func evaluateExpr(c *call) (answer, error) {
	p, err := decode[struct {
		Expressions []string `json:"expressions"`
		Now         string   `json:"now"`
	}](c)
	if err != nil {
		return answer{}, err
	}
	if len(c.blobs) != 1 {
		return answer{}, faultf("bad-request", "expr: variables are needed")
	}
	var env map[string]any
	if err := json.Unmarshal(c.blobs[0], &env); err != nil || env == nil {
		return answer{}, faultf("bad-request", "expr: variables must be a JSON object")
	}
	now := time.Now
	if p.Now != "" {
		at, err := time.Parse(time.RFC3339, p.Now)
		if err != nil {
			return answer{}, faultf("bad-request", "expr: now: %v", err)
		}
		now = func() time.Time { return at }
	}
	env["time"] = timeFunctions(now)
	env["strings"] = stringFunctions
	var out outcomes
	for _, expression := range p.Expressions {
		if err := c.ctx.Err(); err != nil {
			return answer{}, err
		}
		value, err := evaluateOne(expression, env)
		if err != nil {
			out.failed("expr", err)
			continue
		}
		out.value("expr", value)
	}
	return answer{Result: map[string]any{"errors": out.Errors}, Blobs: out.Blobs}, nil
}

func evaluateOne(expression string, env map[string]any) (any, error) {
	program, err := expr.Compile(expression, expr.AllowUndefinedVariables())
	if err != nil {
		return nil, err
	}
	machine := vm.VM{MemoryBudget: 1e6}
	return machine.Run(program, env)
}

func timeFunctions(now func() time.Time) map[string]any {
	return map[string]any{
		"Now": now,
		"Parse": func(text string) time.Time {
			t, err := time.Parse(time.RFC3339, text)
			if err != nil {
				panic(err)
			}
			return t
		},
		"Nanosecond": time.Nanosecond, "Microsecond": time.Microsecond, "Millisecond": time.Millisecond,
		"Second": time.Second, "Minute": time.Minute, "Hour": time.Hour,
		"Day": 24 * time.Hour, "Month": 30 * 24 * time.Hour, "Year": 365 * 24 * time.Hour,
		"RFC3339": time.RFC3339, "RFC3339Nano": time.RFC3339Nano, "RFC1123": time.RFC1123, "Kitchen": time.Kitchen,
		"ANSIC": time.ANSIC, "UnixDate": time.UnixDate, "RubyDate": time.RubyDate, "RFC822": time.RFC822,
		"RFC822Z": time.RFC822Z, "RFC850": time.RFC850, "RFC1123Z": time.RFC1123Z, "Stamp": time.Stamp,
		"StampMilli": time.StampMilli, "StampMicro": time.StampMicro, "StampNano": time.StampNano,
	}
}

var stringFunctions = map[string]any{
	"ReplaceAll": strings.ReplaceAll, "ToUpper": strings.ToUpper, "ToLower": strings.ToLower,
	"Contains": strings.Contains, "HasPrefix": strings.HasPrefix, "HasSuffix": strings.HasSuffix,
	"TrimSpace": strings.TrimSpace, "Trim": strings.Trim, "Split": strings.Split, "Join": strings.Join,
}
