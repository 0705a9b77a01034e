package testkit

import (
	"time"

	"patchbay"
)

// Case is one way for an MCP server to misbehave. A misbehaving server is well behaved
// in everything that its case does not name: it speaks the legacy era, has the tools of
// Echo and answers server/discover as an old server does.
//
//	case                 transports   what it does
//	Works                all          nothing wrong; stdio's whoami tells env, args, dir, pid
//	NeverAnswers         all          takes every message, answers none
//	NeverAnswersCalls    all          answers everything but tools/call
//	AnswersLate          all          answers tools/call after Delay, whatever the client does
//	ExitsZero            stdio        ends at start with status 0, a last line on stderr
//	ExitsOne             stdio        the same with status 1
//	ExitsBySignal        stdio        the same by SIGKILL
//	PrintsBanner         stdio        20 lines of banner and ANSI codes on stdout, then works
//	PrintsGarbage        all          answers with lines that are no messages, without end
//	LongLine             all          answers tools/call with one message of Bytes
//	EndlessStream        all          notifications without end while tools/call waits
//	CursorLoop           all          tools/list has a next page each time
//	ManyTools            all          Count tools, 1,000 a page
//	DuplicateIDs         all          answers tools/call twice: "first", then "second"
//	ForeignResults       all          answers calls nobody made before the right answer
//	InvalidUTF8          all          the text of the result is not UTF-8
//	DeepJSON             all          structuredContent is Count arrays deep
//	DuplicateMembers     all          the answer has "result" twice: "first", then "second"
//	WrongContentType     http, sse    200 with text/html for everything
//	GzipBomb             http         answers tools/call with Bytes of gzipped zeros
//	ClosesMidCall        all          half the answer to tools/call, then the line is cut
//	Flaps                all          cuts every line after Every, and works in between
//	Forks                stdio        leaves a child behind that holds stdout; see PIDFile
//	IgnoresTerm          stdio        SIGTERM, SIGINT, SIGHUP and the end of stdin do nothing
//	FloodsStderr         stdio        writes to stderr without end, and works
//	ChangesTools         all          other tools in each list, list_changed at each call
type Case string

// The cases.
const (
	Works             Case = "works"
	NeverAnswers      Case = "never-answers"
	NeverAnswersCalls Case = "never-answers-calls"
	AnswersLate       Case = "answers-late"
	ExitsZero         Case = "exits-zero"
	ExitsOne          Case = "exits-one"
	ExitsBySignal     Case = "exits-by-signal"
	PrintsBanner      Case = "prints-banner"
	PrintsGarbage     Case = "prints-garbage"
	LongLine          Case = "long-line"
	EndlessStream     Case = "endless-stream"
	CursorLoop        Case = "cursor-loop"
	ManyTools         Case = "many-tools"
	DuplicateIDs      Case = "duplicate-ids"
	ForeignResults    Case = "foreign-results"
	InvalidUTF8       Case = "invalid-utf8"
	DeepJSON          Case = "deep-json"
	DuplicateMembers  Case = "duplicate-members"
	WrongContentType  Case = "wrong-content-type"
	GzipBomb          Case = "gzip-bomb"
	ClosesMidCall     Case = "closes-mid-call"
	Flaps             Case = "flaps"
	Forks             Case = "forks"
	IgnoresTerm       Case = "ignores-term"
	FloodsStderr      Case = "floods-stderr"
	ChangesTools      Case = "changes-tools"
)

// Cases returns every case.
func Cases() []Case {
	return []Case{
		Works, NeverAnswers, NeverAnswersCalls, AnswersLate, ExitsZero, ExitsOne, ExitsBySignal,
		PrintsBanner, PrintsGarbage, LongLine, EndlessStream, CursorLoop, ManyTools, DuplicateIDs,
		ForeignResults, InvalidUTF8, DeepJSON, DuplicateMembers, WrongContentType, GzipBomb,
		ClosesMidCall, Flaps, Forks, IgnoresTerm, FloodsStderr, ChangesTools,
	}
}

// Transports returns where the case can be played.
func (c Case) Transports() []patchbay.Transport {
	switch c {
	case ExitsZero, ExitsOne, ExitsBySignal, PrintsBanner, Forks, IgnoresTerm, FloodsStderr:
		return []patchbay.Transport{patchbay.TransportStdio}
	case WrongContentType:
		return []patchbay.Transport{patchbay.TransportHTTP, patchbay.TransportSSE}
	case GzipBomb:
		return []patchbay.Transport{patchbay.TransportHTTP}
	}
	return []patchbay.Transport{
		patchbay.TransportStdio, patchbay.TransportHTTP, patchbay.TransportSSE, patchbay.TransportWebSocket,
	}
}

// Settings are the sizes and times of the cases; what is zero takes the value named
// here. Tests that run often make them small.
type Settings struct {
	Delay time.Duration `json:",omitempty"` // 2 s
	Every time.Duration `json:",omitempty"` // 1 s
	Bytes int           `json:",omitempty"` // 100 MiB, GzipBomb 256 MiB
	Count int           `json:",omitempty"` // 10,000
	// PIDFile gets the process id of the child that Forks leaves behind.
	PIDFile string `json:",omitempty"`
}

func (s Settings) filled(c Case) Settings {
	if s.Delay == 0 {
		s.Delay = 2 * time.Second
	}
	if s.Every == 0 {
		s.Every = time.Second
	}
	if s.Bytes == 0 {
		s.Bytes = 100 << 20
		if c == GzipBomb {
			s.Bytes = 256 << 20
		}
	}
	if s.Count == 0 {
		s.Count = 10_000
	}
	return s
}
