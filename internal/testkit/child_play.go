package testkit

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// childLife bounds the life of a child that nobody ends.
const childLife = 5 * time.Minute

// orphan is the mode of the process that Forks leaves behind.
const orphan Case = "orphan"

// playStdio plays a case on standard input and output and exits.
func playStdio(c Case, s Settings) {
	time.AfterFunc(childLife, func() { os.Exit(3) })
	p := newPlay(c, s)
	p.who = func() caller { return caller{who: whoIsChild()} }
	p.start()
	ctx, stop := context.WithCancel(context.Background())
	out := &pipe{out: os.Stdout, life: ctx}
	in := bufio.NewReaderSize(os.Stdin, 64<<10)
	for {
		text, err := in.ReadBytes('\n')
		var m message
		if json.Unmarshal(text, &m) == nil {
			go p.take(out, "", &m)
		}
		if err != nil {
			break
		}
	}
	if c == IgnoresTerm {
		select {} // until it is killed, or childLife is over
	}
	stop()
	os.Exit(0)
}

// start does what a case does before the first message.
func (p *play) start() {
	switch p.Case {
	case ExitsZero:
		fmt.Fprintln(os.Stderr, "nothing to do, goodbye")
		os.Exit(0)
	case ExitsOne:
		fmt.Fprintln(os.Stderr, "fatal: the licence file is missing")
		os.Exit(1)
	case ExitsBySignal:
		fmt.Fprintln(os.Stderr, "about to crash")
		_ = syscall.Kill(os.Getpid(), syscall.SIGKILL) // cannot fail for oneself
		select {}
	case PrintsBanner:
		for n := range 20 {
			fmt.Printf("\x1b[1;32m*** Welcome, line %d ***\x1b[0m\n", n+1)
		}
	case Flaps:
		time.AfterFunc(p.Every, func() { os.Exit(1) })
	case Forks:
		p.fork()
	case IgnoresTerm:
		signal.Ignore(syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP)
	case FloodsStderr:
		go func() {
			for n := 0; ; n++ {
				fmt.Fprintf(os.Stderr, "flood %d %s\n", n, strings.Repeat("!", 1000))
			}
		}()
	case orphan:
		time.Sleep(childLife) // the process is there to be found and killed
		os.Exit(0)
	}
}

// fork leaves a process behind that holds our standard output open.
func (p *play) fork() {
	cmd := exec.CommandContext(context.Background(), os.Args[0], "-test.run=^$", childMark, string(orphan), "{}")
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	if err := cmd.Start(); err != nil {
		fmt.Fprintln(os.Stderr, "fork:", err)
		os.Exit(2)
	}
	if p.PIDFile == "" {
		return
	}
	if err := os.WriteFile(p.PIDFile, []byte(strconv.Itoa(cmd.Process.Pid)), 0o600); err != nil {
		fmt.Fprintln(os.Stderr, "pid file:", err)
		os.Exit(2)
	}
}

func whoIsChild() json.RawMessage {
	dir, err := os.Getwd()
	if err != nil {
		dir = err.Error()
	}
	raw, err := json.Marshal(WhoAmI{Env: os.Environ(), Args: os.Args[1:], Dir: dir, PID: os.Getpid()})
	if err != nil {
		panic(err) // strings always encode
	}
	return raw
}

// pipe is standard output as a line.
type pipe struct {
	mu   sync.Mutex
	out  *os.File
	life context.Context //nolint:containedctx // the life of the process
}

func (l *pipe) send(message io.Reader) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	_, err := io.Copy(l.out, io.MultiReader(message, strings.NewReader("\n")))
	return err
}

func (l *pipe) raw(p []byte) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	_, err := l.out.Write(p)
	return err
}

func (l *pipe) half(p []byte) error  { return l.raw(p) }
func (l *pipe) cut()                 { os.Exit(1) }
func (l *pipe) ctx() context.Context { return l.life }
