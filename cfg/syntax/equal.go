package syntax

import "reflect"

// Equal tells whether two trees mean the same: they may differ in where things
// stand, and in nothing else.
func Equal(a, b *Tree) bool {
	return len(a.Items) == len(b.Items) && same(reflect.ValueOf(a.Items), reflect.ValueOf(b.Items))
}

var (
	spanType   = reflect.TypeFor[Span]()
	selectType = reflect.TypeFor[SelectRef]()
)

func same(a, b reflect.Value) bool {
	if a.Kind() != b.Kind() || a.Type() != b.Type() {
		return false
	}
	switch a.Kind() {
	case reflect.Interface, reflect.Pointer:
		if a.IsNil() || b.IsNil() {
			return a.IsNil() == b.IsNil()
		}
		return same(a.Elem(), b.Elem())
	case reflect.Slice:
		if a.Len() != b.Len() {
			return false
		}
		for i := range a.Len() {
			if !same(a.Index(i), b.Index(i)) {
				return false
			}
		}
		return true
	case reflect.Struct:
		if a.Type() == spanType {
			return true
		}
		for i := range a.NumField() {
			if a.Type() == selectType && a.Type().Field(i).Name == "Text" {
				continue
			}
			if !same(a.Field(i), b.Field(i)) {
				return false
			}
		}
		return true
	}
	return a.Equal(b)
}
