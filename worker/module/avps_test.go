package module

import "testing"

// FuzzAVPs: what AppendBinary wrote is read as it was; of anything else what can
// be read, and that once more.
func FuzzAVPs(f *testing.F) {
	var l AVPList
	l.Push("s:x", StrValue("y"))
	l.Push("i:3", IntValue(7))
	f.Add(string(l.AppendBinary(nil)))
	f.Add("\x00\x00\x00\x00\x00\x00\x00\x00\x01\xff\xff\xff\xff")
	f.Fuzz(func(t *testing.T, s string) {
		var l, again AVPList
		l.LoadBinary(s)
		b := l.AppendBinary(nil)
		if len(b) > len(s) || string(b) != s[:len(b)] {
			t.Errorf("%q is read as %q", s, b)
		}
		again.LoadBinary(string(b))
		if again.Len() != l.Len() {
			t.Errorf("%d, then %d", l.Len(), again.Len())
		}
	})
}
