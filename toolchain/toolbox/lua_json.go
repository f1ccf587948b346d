package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	lua "github.com/yuin/gopher-lua"
)

// luaFromJSON makes Lua values of JSON: all numbers are float64, as in Lua 5.1.
func luaFromJSON(l *lua.LState, text []byte) (lua.LValue, error) {
	var v any
	if err := json.Unmarshal(text, &v); err != nil {
		return nil, faultf("bad-request", "lua: object: %v", err)
	}
	return luaValue(l, v), nil
}

func luaValue(l *lua.LState, v any) lua.LValue {
	switch v := v.(type) {
	case bool:
		return lua.LBool(v)
	case float64:
		return lua.LNumber(v)
	case string:
		return lua.LString(v)
	case []any:
		t := l.CreateTable(len(v), 0)
		for _, item := range v {
			t.Append(luaValue(l, item))
		}
		return t
	case map[string]any:
		t := l.CreateTable(0, len(v))
		for k, item := range v {
			t.RawSetString(k, luaValue(l, item))
		}
		return t
	}
	return lua.LNil
}

// luaToJSON has the rules of gopher-json, which Argo CD uses: an empty table is [], a table with number keys must be a
// sequence, other keys must be strings.
func luaToJSON(v lua.LValue) ([]byte, error) {
	var b bytes.Buffer
	err := writeLua(&b, v, map[*lua.LTable]bool{})
	return b.Bytes(), err
}

func writeLua(b *bytes.Buffer, v lua.LValue, open map[*lua.LTable]bool) error {
	switch v := v.(type) {
	case lua.LBool, lua.LNumber, lua.LString:
		var scalar any = v
		switch v := v.(type) {
		case lua.LNumber:
			scalar = float64(v)
		case lua.LString:
			scalar = strings.ToValidUTF8(string(v), "\uFFFD")
		}
		text, err := json.Marshal(scalar)
		b.Write(text)
		return err
	case *lua.LNilType:
		b.WriteString("null")
		return nil
	case *lua.LTable:
		if open[v] {
			return errors.New("cannot encode recursively nested tables to JSON")
		}
		if len(open) > maxDepth {
			return errors.New("nested too deeply")
		}
		open[v] = true
		defer delete(open, v)
		return writeLuaTable(b, v, open)
	}
	return fmt.Errorf("cannot encode %s to JSON", v.Type())
}

func writeLuaTable(b *bytes.Buffer, t *lua.LTable, open map[*lua.LTable]bool) error {
	first, value := t.Next(lua.LNil)
	switch first.Type() {
	case lua.LTNil:
		b.WriteString("[]")
		return nil
	case lua.LTNumber:
		b.WriteByte('[')
		for n := 1; first.Type() != lua.LTNil; n++ {
			if first.Type() != lua.LTNumber {
				return errors.New("cannot encode mixed or invalid key types")
			}
			if first.(lua.LNumber) != lua.LNumber(n) {
				return errors.New("cannot encode sparse array")
			}
			if n > 1 {
				b.WriteByte(',')
			}
			if err := writeLua(b, value, open); err != nil {
				return err
			}
			first, value = t.Next(first)
		}
		b.WriteByte(']')
		return nil
	case lua.LTString:
		b.WriteByte('{')
		for n := 0; first.Type() != lua.LTNil; n++ {
			if first.Type() != lua.LTString {
				return errors.New("cannot encode mixed or invalid key types")
			}
			if n > 0 {
				b.WriteByte(',')
			}
			if err := writeLua(b, first, open); err != nil {
				return err
			}
			b.WriteByte(':')
			if err := writeLua(b, value, open); err != nil {
				return err
			}
			first, value = t.Next(first)
		}
		b.WriteByte('}')
		return nil
	}
	return errors.New("cannot encode mixed or invalid key types")
}
