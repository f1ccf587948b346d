package main

import (
	"context"
	"errors"
	"strings"
	"sync"
	"time"

	lua "github.com/yuin/gopher-lua"
	"github.com/yuin/gopher-lua/parse"
)

// luaScripts keeps compiled scripts: the same few run over and over.
var luaScripts struct {
	sync.Mutex
	protos map[string]*lua.FunctionProto
}

const maxLuaScripts = 512

func compileLua(script string) (*lua.FunctionProto, error) {
	luaScripts.Lock()
	defer luaScripts.Unlock()
	if proto, ok := luaScripts.protos[script]; ok {
		return proto, nil
	}
	chunk, err := parse.Parse(strings.NewReader(script), "<string>")
	if err != nil {
		return nil, err
	}
	proto, err := lua.Compile(chunk, "<string>")
	if err != nil {
		return nil, err
	}
	if luaScripts.protos == nil || len(luaScripts.protos) >= maxLuaScripts {
		luaScripts.protos = map[string]*lua.FunctionProto{}
	}
	luaScripts.protos[script] = proto
	return proto, nil
}

type luaParams struct {
	OpenLibs  bool   `json:"openLibs"`
	CallMs    int    `json:"callMs"`
	HasParams []bool `json:"hasParams"` // one for each call
}

// runLua is the method `lua`: one script over many objects. The blobs are the script, then for each call the object and,
// if it has them, the parameters of a resource action.
func runLua(c *call) (answer, error) {
	p, err := decode[luaParams](c)
	if err != nil {
		return answer{}, err
	}
	if len(c.blobs) == 0 {
		return answer{}, faultf("bad-request", "lua: no script")
	}
	proto, err := compileLua(string(c.blobs[0]))
	if err != nil {
		return answer{}, asFault(err, "lua")
	}
	limit := time.Duration(p.CallMs) * time.Millisecond
	if limit <= 0 {
		limit = time.Second
	}
	var out outcomes
	rest := c.blobs[1:]
	for _, hasParams := range p.HasParams {
		n := 1
		if hasParams {
			n = 2
		}
		if len(rest) < n {
			return answer{}, faultf("bad-request", "lua: objects are missing")
		}
		result, err := runScript(c.ctx, proto, rest[:n], limit, p.OpenLibs)
		rest = rest[n:]
		if e := c.ctx.Err(); e != nil {
			return answer{}, e
		}
		if err != nil {
			out.failed("lua", err)
		} else {
			out.ok(result)
		}
	}
	return answer{Result: map[string]any{"errors": out.Errors}, Blobs: out.Blobs}, nil
}

func runScript(ctx context.Context, proto *lua.FunctionProto, objects [][]byte, limit time.Duration, openLibs bool) ([]byte, error) {
	l := newLuaState(openLibs)
	defer l.Close()
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	l.SetContext(ctx)
	for i, name := range []string{"obj", "actionParams"} {
		if i < len(objects) {
			v, err := luaFromJSON(l, objects[i])
			if err != nil {
				return nil, err
			}
			l.SetGlobal(name, v)
		}
	}
	l.Push(l.NewFunctionFromProto(proto))
	if err := l.PCall(0, lua.MultRet, nil); err != nil {
		if ctx.Err() != nil {
			return nil, faultf("timeout", "lua: not done after %s", limit)
		}
		var api *lua.ApiError
		if errors.As(err, &api) && api.Type == lua.ApiErrorRun {
			api.StackTrace = ""
		}
		return nil, err
	}
	return luaToJSON(l.Get(-1))
}

// newLuaState opens the libraries, without any way out: no io, of os only time and date, no loading from files.
func newLuaState(openLibs bool) *lua.LState {
	l := lua.NewState(lua.Options{SkipOpenLibs: true, RegistryMaxSize: 1 << 20, MinimizeStackMemory: true})
	libs := map[string]lua.LGFunction{
		lua.LoadLibName: lua.OpenPackage, lua.BaseLibName: lua.OpenBase, lua.TabLibName: lua.OpenTable,
		lua.StringLibName: lua.OpenString, lua.OsLibName: lua.OpenOs,
	}
	order := []string{lua.LoadLibName, lua.BaseLibName, lua.TabLibName, lua.StringLibName, lua.OsLibName}
	if openLibs {
		libs[lua.MathLibName], libs[lua.CoroutineLibName] = lua.OpenMath, lua.OpenCoroutine
		order = append(order, lua.MathLibName, lua.CoroutineLibName)
	}
	for _, name := range order {
		l.Push(l.NewFunction(libs[name]))
		l.Push(lua.LString(name))
		l.Call(1, 0)
	}
	for _, name := range []string{"dofile", "loadfile", "print", "_printregs"} {
		l.SetGlobal(name, lua.LNil)
	}
	l.SetGlobal("print", l.NewFunction(func(*lua.LState) int { return 0 }))
	if os, ok := l.GetGlobal(lua.OsLibName).(*lua.LTable); ok {
		var drop []lua.LValue
		os.ForEach(func(k, _ lua.LValue) {
			if s := k.String(); s != "time" && s != "date" {
				drop = append(drop, k)
			}
		})
		for _, k := range drop {
			os.RawSet(k, lua.LNil)
		}
	}
	if pkg, ok := l.GetGlobal(lua.LoadLibName).(*lua.LTable); ok {
		pkg.RawSetString("path", lua.LString(""))
		pkg.RawSetString("cpath", lua.LString(""))
		pkg.RawSetString("loadlib", lua.LNil)
		if loaders, ok := pkg.RawGetString("loaders").(*lua.LTable); ok {
			for i := loaders.Len(); i > 1; i-- {
				loaders.RawSetInt(i, lua.LNil)
			}
		}
	}
	return l
}
