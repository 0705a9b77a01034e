package conn_test

import (
	"context"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"patchbay"
	"patchbay/internal/conn"
	"patchbay/internal/expand"
	"patchbay/internal/testkit"
)

// logOf is the log of a target, a line of text for each.
func logOf(t *testing.T, b *bench, target conn.Target) (happened, printed string) {
	t.Helper()
	lines, err := b.Log(t.Context(), target)
	require.NoError(t, err)
	for _, l := range lines {
		if l.Printed {
			require.True(t, l.At.IsZero())
			printed += l.Text + "\n"
		} else {
			require.False(t, l.At.IsZero())
			happened += l.Text + "\n"
		}
	}
	return happened, printed
}

func TestLogOfAServerThatEndsAtStart(t *testing.T) {
	secret := "licence file"
	b := newBench(t, func(o *conn.Options) {
		o.Values = func(_ context.Context, t conn.Target) (expand.Values, error) {
			return expand.Values{User: t.User, Vars: map[string]string{"KEY": secret, "SHORT": "fatal"}}, nil
		}
	})
	s := child(t, testkit.ExitsOne, nil)
	ann, bob := targetOf(t, s, "ann"), targetOf(t, s, "bob")
	happened, printed := logOf(t, b, ann)
	require.Empty(t, happened+printed, "nothing is known of what was never opened")
	require.Error(t, b.Open(t.Context(), ann))
	require.Eventually(t, func() bool { // the goodbye is in the background
		_, printed = logOf(t, b, ann)
		return printed != ""
	}, 10*time.Second, 5*time.Millisecond)
	require.Equal(t, "fatal: the ••• is missing\n", printed)
	happened, _ = logOf(t, b, ann)
	require.True(t, strings.HasPrefix(happened, "Connecting.\n"), happened)
	require.NotContains(t, happened, secret)
	happened, printed = logOf(t, b, bob)
	require.Empty(t, happened+printed, "what a server prints for one person is not for another")
}

func TestLogOutlivesTheChild(t *testing.T) {
	b := newBench(t, nil)
	s := child(t, testkit.FloodsStderr, nil)
	ann := targetOf(t, s, "ann")
	require.NoError(t, b.Open(t.Context(), ann))
	require.Eventually(t, func() bool {
		_, printed := logOf(t, b, ann)
		return len(printed) > 32<<10
	}, 10*time.Second, 5*time.Millisecond)
	_, printed := logOf(t, b, ann)
	require.LessOrEqual(t, len(printed), 64<<10)
	victim := pid(t, b, ann)
	require.NoError(t, syscall.Kill(victim, syscall.SIGKILL))
	b.await(t, ann.Key, func(f conn.Facts) bool { return f.Phase == patchbay.PhaseFailed })
	require.Eventually(t, func() bool {
		_, printed = logOf(t, b, ann)
		return printed != "" && len(printed) <= 8<<10
	}, 10*time.Second, 5*time.Millisecond)
	happened, _ := logOf(t, b, ann)
	require.Contains(t, happened, "Connecting.\nConnected.\n")
	require.Contains(t, happened, "SIGKILL")
}

func TestHideTriesTheLongerFirst(t *testing.T) {
	hide := conn.Hide([]string{"abcdef", "abcdefgh", "abc", ""})
	require.Equal(t, "••• and ••• and abc", hide.Replace("abcdefgh and abcdef and abc"))
}
