package app

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"patchbay"
	"patchbay/internal/testkit"
)

// killMark stands among the arguments of a process that TestKilledWhileRefreshing kills.
const killMark = "refreshing-child"

// killChild turns this process into one that calls without end, when it was started so:
// with a folder, a definition and a user's id. A line tells of each call.
func killChild() {
	for n, arg := range os.Args {
		if arg != killMark || len(os.Args) != n+4 {
			continue
		}
		ctx := context.Background()
		i, err := newInstance(ctx, os.Args[n+1], "", os.Args[n+2])
		if err != nil {
			fmt.Println("broken", err)
			os.Exit(1)
		}
		u, err := i.store.User(ctx, patchbay.UserID(os.Args[n+3]))
		if err != nil {
			fmt.Println("broken", err)
			os.Exit(1)
		}
		a := patchbay.Actor{User: u, Kind: patchbay.ActorUser, Door: patchbay.DoorAPI}
		for {
			_, err := i.call(ctx, a, "spotify", "echo", `{"text":"x"}`)
			var ce *patchbay.ConnectError
			switch {
			case err == nil:
				fmt.Println("ok")
			case errors.As(err, &ce):
				fmt.Println(ce.Reason, ce.Message)
			default:
				fmt.Println("broken", err)
			}
		}
	}
}

// TestKilledWhileRefreshing kills an instance at random moments around refreshes. What is
// stored can always be read, no two refreshes are ever under way together, and nothing
// loops; that a new sign-in is needed now and then cannot be helped, and is reported.
func TestKilledWhileRefreshing(t *testing.T) {
	kills := 20
	if os.Getenv("PATCHBAY_NIGHTLY") == "1" {
		kills = 200
	}
	o := rotating()
	o.RefreshTime = 3 * time.Millisecond
	as := testkit.NewAuthServer(t, o)
	door := as.Protect(t, testkit.NewEcho(t, testkit.EchoOptions{}), testkit.ProtectOptions{})
	dir, yaml := t.TempDir(), spotify("streamable-http", door.URL())
	signIn := func(a patchbay.Actor) patchbay.Actor {
		i, err := newInstance(t.Context(), dir, "", yaml)
		require.NoError(t, err)
		defer func() { require.NoError(t, i.Close()) }()
		if a.User == nil {
			a = i.person(t, "ada")
		}
		_, err = i.vault.TokenInfo(t.Context(), a.ID(), "yaml/spotify")
		require.NoError(t, err, "what is stored can be read")
		require.NoError(t, i.signIn(t.Context(), a, "spotify"))
		return a
	}
	ada := signIn(patchbay.Actor{})
	again := 0
	program, err := os.Executable()
	require.NoError(t, err)
	for n := range kills {
		cmd := exec.CommandContext(t.Context(), program, "-test.run=^$", killMark, dir, yaml, string(ada.ID()))
		out, err := cmd.StdoutPipe()
		require.NoError(t, err)
		require.NoError(t, cmd.Start())
		lines := bufio.NewScanner(out)
		require.True(t, lines.Scan(), "it says something")
		first := lines.Text()
		stop := make(chan struct{})
		done := make(chan struct{})
		go func() { // tokens end without end
			defer close(done)
			tick := time.NewTicker(10 * time.Millisecond)
			defer tick.Stop()
			for {
				as.ExpireTokens()
				select {
				case <-tick.C:
				case <-stop:
					return
				}
			}
		}()
		kill := time.AfterFunc(rand.N(120*time.Millisecond), func() { _ = cmd.Process.Kill() })
		for lines.Scan() {
			require.False(t, strings.HasPrefix(lines.Text(), "broken"), lines.Text())
		}
		_ = cmd.Wait() // it was killed
		kill.Stop()
		close(stop)
		<-done
		require.False(t, strings.HasPrefix(first, "broken"), first)
		if strings.HasPrefix(first, string(patchbay.ReasonSigninExpired)) {
			again++
			signIn(ada)
		} else {
			require.Equal(t, "ok", first, "start %d", n)
		}
	}
	c := as.Counts()
	t.Logf("%d kills, %d refreshes, %d new sign-ins needed", kills, c.Refreshes, again)
	require.Equal(t, 1, c.MostRefreshes)
	require.LessOrEqual(t, c.Reuses, again+1, "a used refresh token is tried once")
}
