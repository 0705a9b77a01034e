package demo

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"strconv"
	"strings"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

func addAdd(s *mcp.Server) {
	s.AddTool(&mcp.Tool{
		Name: "add", Title: "Add", Description: "Adds two numbers, exactly, however large.",
		InputSchema: schema(`{"type":"object","properties":{` +
			`"a":{"type":"number","description":"The first number."},` +
			`"b":{"type":"number","description":"The second number."}},` +
			`"required":["a","b"],"additionalProperties":false}`),
		Annotations: readOnly("Add", true),
	}, func(_ context.Context, req *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		var args struct {
			A json.RawMessage `json:"a"`
			B json.RawMessage `json:"b"`
		}
		if err := decodeArgs(req.Params.Arguments, &args); err != nil {
			return errorResult(err.Error()), nil
		}
		sum, err := sum(args.A, args.B)
		if err != nil {
			return errorResult(err.Error()), nil
		}
		return textResult(sum), nil
	})
}

// Bounds of a number: what is inside fits in some kilobytes when written out.
const (
	maxDigits   = 400
	maxExponent = 400
)

// sum adds two JSON numbers without going through floating point, so that
// 9007199254740993 + 0 is itself and 0.1 + 0.2 is 0.3.
func sum(a, b json.RawMessage) (string, error) {
	x, errA := number("a", a)
	y, errB := number("b", b)
	if err := errors.Join(errA, errB); err != nil {
		return "", errors.New(strings.ReplaceAll(err.Error(), "\n", "; "))
	}
	x.Add(x, y)
	// Every sum of decimals is a decimal, so prec is exact.
	prec, _ := x.FloatPrec()
	return x.FloatString(prec), nil
}

func number(name string, raw json.RawMessage) (*big.Rat, error) {
	if len(raw) == 0 {
		return nil, fmt.Errorf("argument %q is missing", name)
	}
	if c := raw[0]; c != '-' && (c < '0' || c > '9') {
		return nil, fmt.Errorf("argument %q must be a number", name)
	}
	text := string(raw)
	_, exp, hasExp := strings.Cut(strings.ToLower(text), "e")
	if hasExp {
		if n, err := strconv.Atoi(exp); err != nil || n > maxExponent || n < -maxExponent {
			return nil, fmt.Errorf("argument %q has an exponent over %d", name, maxExponent)
		}
	}
	if len(text) > maxDigits {
		return nil, fmt.Errorf("argument %q has more than %d digits", name, maxDigits)
	}
	x, ok := new(big.Rat).SetString(text)
	if !ok {
		return nil, fmt.Errorf("argument %q must be a number", name)
	}
	return x, nil
}
