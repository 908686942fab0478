package wire

import (
	"bytes"
	"strconv"
	"strings"
)

// ID names one transaction or call of a run: which slot of the generator holds it, and how many were
// started before it. It is written as 16 hexadecimal digits, so every message has the same length.
type ID struct {
	Slot   uint32 // below MaxSlots
	Serial uint64 // below 1<<40
}

// MaxSlots is how many transactions can be under way at once.
const MaxSlots = 1 << 24

const (
	idDigits   = 16
	slotDigits = 6
	userDigits = 6
)

const hexDigits = "0123456789abcdef"

func putHex(dst []byte, v uint64) {
	for i := len(dst) - 1; i >= 0; i-- {
		dst[i] = hexDigits[v&15]
		v >>= 4
	}
}

func getHex(src []byte) (v uint64, ok bool) {
	for _, c := range src {
		switch {
		case c >= '0' && c <= '9':
			v = v<<4 | uint64(c-'0')
		case c >= 'a' && c <= 'f':
			v = v<<4 | uint64(c-'a'+10)
		default:
			return 0, false
		}
	}
	return v, true
}

// ParseID reads the last 16 digits of b, which must follow prefix and nothing else.
func ParseID(b []byte, prefix []byte) (ID, bool) {
	if len(b) != len(prefix)+idDigits || !bytes.HasPrefix(b, prefix) {
		return ID{}, false
	}
	digits := b[len(prefix):]
	slot, ok := getHex(digits[:slotDigits])
	serial, ok2 := getHex(digits[slotDigits:])
	return ID{Slot: uint32(slot), Serial: serial}, ok && ok2
}

// AppendID writes the 16 digits of id.
func AppendID(dst []byte, id ID) []byte {
	dst = append(dst, "0000000000000000"...)
	digits := dst[len(dst)-idDigits:]
	putHex(digits[:slotDigits], uint64(id.Slot))
	putHex(digits[slotDigits:], id.Serial)
	return dst
}

// Template is a message whose ids and user numbers are filled in when it is sent.
type Template struct {
	text  []byte
	ids   []int // offsets of 16 digits each
	users []int // offsets of 6 digits each
}

// NewTemplate reads text with LF line ends, in which {id} and {user} mark what changes, {len} is
// the length of the body, and {NAME} is vars[NAME].
func NewTemplate(text string, vars map[string]string) *Template {
	for name, value := range vars {
		text = strings.ReplaceAll(text, "{"+name+"}", value)
	}
	text = strings.ReplaceAll(text, "\n", "\r\n")
	text = strings.ReplaceAll(text, "{id}", strings.Repeat("\x01", idDigits))
	text = strings.ReplaceAll(text, "{user}", strings.Repeat("\x02", userDigits))
	if _, body, ok := strings.Cut(text, "\r\n\r\n"); ok {
		text = strings.ReplaceAll(text, "{len}", strconv.Itoa(len(body)))
	}
	t := &Template{text: []byte(text)}
	for i := 0; i < len(t.text); i++ {
		switch t.text[i] {
		case 1:
			t.ids = append(t.ids, i)
			i += idDigits - 1
		case 2:
			t.users = append(t.users, i)
			i += userDigits - 1
		}
	}
	return t
}

// Len is the length of every message the template makes.
func (t *Template) Len() int { return len(t.text) }

// Append writes the message of id and user.
func (t *Template) Append(dst []byte, id ID, user uint32) []byte {
	start := len(dst)
	dst = append(dst, t.text...)
	for _, off := range t.ids {
		digits := dst[start+off : start+off+idDigits]
		putHex(digits[:slotDigits], uint64(id.Slot))
		putHex(digits[slotDigits:], id.Serial)
	}
	for _, off := range t.users {
		digits := dst[start+off : start+off+userDigits]
		for i, rest := len(digits)-1, user; i >= 0; i-- {
			digits[i] = byte('0' + rest%10)
			rest /= 10
		}
	}
	return dst
}
