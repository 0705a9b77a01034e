package demo

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

func addPicture(s *mcp.Server) {
	s.AddTool(&mcp.Tool{
		Name: "picture", Title: "Picture", Description: "Paints a small picture and returns it as a PNG image.",
		InputSchema: schema(`{"type":"object","properties":{` +
			`"size":{"type":"integer","minimum":16,"maximum":1024,"default":128,"description":"Width and height in pixels."}},` +
			`"additionalProperties":false}`),
		Annotations: readOnly("Picture", true),
	}, func(_ context.Context, req *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		var args struct {
			Size *int `json:"size"`
		}
		if err := decodeArgs(req.Params.Arguments, &args); err != nil {
			return errorResult(err.Error()), nil
		}
		size, err := within("size", args.Size, 128, 16, 1024)
		if err != nil {
			return errorResult(err.Error()), nil
		}
		data, err := paint(size)
		if err != nil {
			return nil, fmt.Errorf("demo: paint: %w", err)
		}
		return &mcp.CallToolResult{Content: []mcp.Content{
			&mcp.ImageContent{Data: data, MIMEType: "image/png"},
			&mcp.TextContent{Text: fmt.Sprintf("A sunset of %d by %d pixels.", size, size)},
		}}, nil
	})
}

// paint draws a sun over a dusky sky. The same size gives the same bytes.
func paint(size int) ([]byte, error) {
	img := image.NewRGBA(image.Rect(0, 0, size, size))
	sun := float64(size) / 5
	for y := range size {
		depth := float64(y) / float64(size)
		sky := color.RGBA{R: uint8(40 + 200*depth), G: uint8(30 + 90*depth), B: uint8(90 - 20*depth), A: 255}
		for x := range size {
			c := sky
			if math.Hypot(float64(x)-float64(size)/2, float64(y)-float64(size)*0.6) < sun {
				c = color.RGBA{R: 255, G: 210, B: 90, A: 255}
			}
			img.SetRGBA(x, y, c)
		}
	}
	var buf bytes.Buffer
	if err := png.Encode(&buf, img); err != nil {
		return nil, err
	}
	return buf.Bytes(), nil
}
