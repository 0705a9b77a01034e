package store

import (
	"strconv"
	"strings"
)

// Bounds of the pages of chat.
const (
	maxChatPage = 200
	// maxSearch bounds what is searched for, in bytes: SQLite refuses patterns beyond
	// 50,000, and nobody looks for more.
	maxSearch = 400
)

// pageOf is a limit within its bounds.
func pageOf(limit int) int {
	if limit < 1 || limit > maxChatPage {
		return defaultPage
	}
	return limit
}

// cut returns the first limit of rows and, when there are more, the cursor of the last
// one that is returned.
func cut[T any](rows []T, limit int, cursor func(T) string) (page []T, next string) {
	if len(rows) <= limit {
		return rows, ""
	}
	return rows[:limit], cursor(rows[limit-1])
}

// timeCursor and parseTimeCursor are the key of lists that are ordered by a time.
func timeCursor(ms int64, id string) string { return strconv.FormatInt(ms, 10) + "." + id }

func parseTimeCursor(s string) (ms int64, id string, ok bool) {
	first, id, found := strings.Cut(s, ".")
	ms, err := strconv.ParseInt(first, 10, 64)
	return ms, id, found && err == nil
}

// searchPattern is contains of what a person looks for, within bounds.
func searchPattern(s string) string {
	if len(s) > maxSearch {
		s = strings.ToValidUTF8(s[:maxSearch], "")
	}
	return contains(s)
}
