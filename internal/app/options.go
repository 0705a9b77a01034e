package app

import "io"

// Options say where and how an instance runs. Empty strings take what the environment
// says, else the defaults of contract 1.
type Options struct {
	ConfigFlag string // --config
	Listen     string // --listen
	DataDir    string // --data
	LogFormat  string // text or json
	Version    string

	Environ []string // as os.Environ
	WorkDir string   // where ./librechat.yaml and ./.env are looked for
	Home    string   // the user's home folder, "" when unknown
	// Program is this binary: what the demo server and the reaper are started as.
	Program string

	Stdout, Stderr io.Writer
}
