package config

import (
	"fmt"
	"strings"

	"patchbay"
)

// Severity says how bad a finding is.
type Severity string

// Severities. An error means the thing named is not used as written; the rest of the
// file is.
const (
	SeverityError   Severity = "error"
	SeverityWarning Severity = "warning"
	SeverityNote    Severity = "note"
	SeverityInfo    Severity = "info"
)

// Finding is one thing to say about the configuration, with its place.
type Finding struct {
	Severity Severity `json:"severity"`
	File     string   `json:"file,omitempty"` // empty: the environment or the built-in default
	Line     int      `json:"line"`           // 1-based; 0 when there is no place
	Column   int      `json:"column"`
	Path     string   `json:"path"`             // "mcpServers.foo.url"
	Server   string   `json:"server,omitempty"` // the server it is about
	Message  string   `json:"message"`
}

// String returns the form of `patchbay check`: file:line:column: severity: message.
func (f Finding) String() string {
	var b strings.Builder
	if f.File != "" {
		b.WriteString(f.File + ":")
	}
	if f.Line > 0 {
		fmt.Fprintf(&b, "%d:%d:", f.Line, f.Column)
	}
	if b.Len() > 0 {
		b.WriteByte(' ')
	}
	b.WriteString(string(f.Severity) + ": ")
	if f.Path != "" {
		b.WriteString(f.Path + ": ")
	}
	b.WriteString(f.Message)
	return b.String()
}

// FileError says why a configuration file cannot be used at all: the one that runs is
// kept. Line and Column are 0 when it could not be read.
type FileError struct {
	Path    string
	Line    int
	Column  int
	Message string
	Err     error // the cause, when the file could not be read
}

// Error returns file:line:column: message.
func (e *FileError) Error() string {
	return strings.Replace(e.Finding().String(), " error: ", " ", 1)
}

// Unwrap returns the cause.
func (e *FileError) Unwrap() error { return e.Err }

// Finding returns the error as a finding.
func (e *FileError) Finding() Finding {
	return Finding{Severity: SeverityError, File: e.Path, Line: e.Line, Column: e.Column, Message: e.Message}
}

// Config is a configuration file as taken.
type Config struct {
	Path         string // of the file; empty for the built-in default
	Servers      []*patchbay.Server
	Settings     Settings
	Registration Registration
	ToolApproval ToolApproval
	Providers    []*patchbay.Provider // in the order they are shown
	ModelSpecs   ModelSpecs
	// ModelAddresses is `endpoints.allowedAddresses`.
	ModelAddresses []string
	Agents         Agents
	Interface      Interface
	NotUsed        []string // sections and keys of LibreChat that patchbay does not use
	Findings       []Finding
}

// Default reports whether the configuration is the built-in one.
func (c *Config) Default() bool { return c.Path == "" }

// Bad reports whether `patchbay check` fails: an error, or with strict also a warning,
// a note or an env_missing. Info lines never fail.
func (c *Config) Bad(strict bool) bool {
	for _, f := range c.Findings {
		if f.Severity == SeverityError || strict && f.Severity != SeverityInfo {
			return true
		}
	}
	return false
}

// Settings is `mcpSettings`.
type Settings struct {
	AllowedDomains    []string
	AllowedAddresses  []string // host:port, or CIDR
	AllowStdioFromAPI bool
	Strict            bool
	PublicURL         bool
	Limits            Limits
}

// Limits is `mcpSettings.limits`. 0 means no limit.
type Limits struct {
	UserConnections     int // open connections of one user
	UserConcurrentCalls int // calls of one user at the same time
	UserCallsPerMinute  int
	ServerConnections   int // open connections to one server, all users together
	StdioProcesses      int // child processes in all
}

// Registration is `registration`.
type Registration struct {
	AllowedDomains []string // e-mail domains that may register; empty: any
	TrustEmail     bool     // an unverified e-mail address counts as identity
}

// ToolApproval is `endpoints.agents.toolApproval`: LibreChat's globs over tool keys.
type ToolApproval struct {
	Enabled bool
	Mode    string // default, dontAsk, bypass
	Allow   []string
	Deny    []string
	Ask     []string
}

// ModelSpecs is `modelSpecs`.
type ModelSpecs struct {
	Enforce    bool // nothing but the list may be chosen
	Prioritize bool // the list is offered first
	List       []patchbay.ModelSpec
}

// Agents is `endpoints.agents`, without toolApproval.
type Agents struct {
	RecursionLimit    int      // steps of a run, where an agent does not say
	MaxRecursionLimit int      // the most an agent may say
	DisableBuilder    bool     // nobody makes agents
	AllowedProviders  []string // whose models agents may use; empty: all
	Capabilities      []string // nil: all
}

// Interface is what is used of `interface`.
type Interface struct {
	MCPServers     InterfaceMCP
	ModelSelect    bool // people choose a model
	Parameters     bool // people set a model's parameters
	Presets        bool
	Agents         bool // people see agents
	CustomWelcome  string
	PrivacyPolicy  Link
	TermsOfService Link
}

// InterfaceMCP is `interface.mcpServers`: what people may do with MCP servers.
type InterfaceMCP struct {
	Use         bool
	Create      bool
	Share       bool
	Public      bool   // share with everyone
	Placeholder string // the text of the button that chooses servers
}

// Link is a page elsewhere.
type Link struct {
	URL    string
	NewTab bool
}
