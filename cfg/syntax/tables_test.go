package syntax

import "testing"

// Every row of the tables that documents are made from says what it is.
func TestTablesAreComplete(t *testing.T) {
	n := 0
	for _, o := range Operators() {
		if n += len(o.Names); o.Help == "" {
			t.Errorf("operator %v has no help", o.Names)
		}
	}
	if want := len(infix) + 7; n != want {
		t.Errorf("%d spellings of operators, want %d", n, want)
	}
	for _, k := range Keywords() {
		if k.Help == "" || k.Operators == "" {
			t.Errorf("keyword %s: %+v", k.Name, k)
		}
	}
	if len(Directives()) != len(directives) {
		t.Error("directives are missing")
	}
}
