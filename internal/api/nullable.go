package api

import (
	"encoding/json"
	"reflect"

	"github.com/danielgtaylor/huma/v2"
)

// orNull is an object or null, and described so: a pointer would be described as always
// there.
type orNull[T any] struct{ value *T }

// MarshalJSON writes the object.
func (n orNull[T]) MarshalJSON() ([]byte, error) { return json.Marshal(n.value) }

// Schema describes it for OpenAPI.
func (orNull[T]) Schema(r huma.Registry) *huma.Schema {
	return &huma.Schema{OneOf: []*huma.Schema{r.Schema(reflect.TypeFor[T](), true, ""), {Type: "null"}}}
}
