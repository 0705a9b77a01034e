package provider

import "patchbay"

// Describe is the description of a tool for a model: its own, else its title, and what
// its schema could not say.
func Describe(offer *patchbay.ToolOffer, note string) string {
	text := firstOf(offer.Description, offer.Title)
	switch {
	case note == "":
		return text
	case text == "":
		return note
	}
	return text + "\n\n" + note
}
