package agent

import "time"

// Limits bound a run. A zero field takes its default; a negative one means no limit.
type Limits struct {
	Steps        int           // answers of the model; the last must end in words; default 25
	Time         time.Duration // work, waits for persons not counted; default 30 min
	Tokens       int64         // read and written; default none
	CallsPerStep int           // more are refused; default 32
	Output       int           // bytes of text of one result that the model is shown at once; default 32 KiB
	Media        int           // bytes of base64 of one result's images and documents; default 10 MiB
}

func (l Limits) withDefaults() Limits {
	l.Steps = orDefault(l.Steps, 25)
	l.Time = orDefault(l.Time, 30*time.Minute)
	l.Tokens = orDefault(l.Tokens, -1)
	l.CallsPerStep = orDefault(l.CallsPerStep, 32)
	l.Output = orDefault(l.Output, 32<<10)
	l.Media = orDefault(l.Media, 10<<20)
	return l
}

func orDefault[N int | int64 | time.Duration](n, def N) N {
	if n == 0 {
		return def
	}
	return n
}

// maxPauses is how often in a row a vendor may pause its answer.
const maxPauses = 8

// over names the limit that a run is at before it asks again; "" for none.
func (l Limits) over(s *State) string {
	switch {
	case l.Steps > 0 && s.Step >= l.Steps:
		return "steps"
	case l.Time > 0 && s.Spent >= l.Time:
		return "time"
	case l.Tokens > 0 && s.Usage.Total() >= l.Tokens:
		return "tokens"
	}
	return ""
}

// forced reports whether the next answer is the last one allowed after others, and so must
// be in words.
func (l Limits) forced(s *State) bool { return l.Steps > 0 && s.Step > 0 && s.Step == l.Steps-1 }
