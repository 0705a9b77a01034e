package provider

import (
	"encoding/base64"
	"strings"

	"patchbay"
)

// DataURL is the data of m as a data URL, or the address where m is.
func DataURL(m *patchbay.Media) string {
	if len(m.Data) == 0 {
		return m.URL
	}
	return "data:" + m.MIMEType + ";base64," + base64.StdEncoding.EncodeToString(m.Data)
}

// FileText is what is said of a file that a model cannot be given, or the file itself
// when it is text.
func FileText(m *patchbay.Media) string {
	if textual(m.MIMEType) && len(m.Data) > 0 {
		return "File " + m.Name + ":\n" + strings.ToValidUTF8(string(m.Data), "\ufffd")
	}
	return strings.TrimSpace(unseen("the file "+m.Name, m.MIMEType, base64.StdEncoding.EncodeToString(m.Data)))
}

// Textual reports whether data of a media type are text.
func Textual(mime string) bool { return textual(mime) }
