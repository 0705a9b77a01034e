package conn

import (
	"time"

	"patchbay"
)

// Unlisten ends the listeners that nobody wants any more at now.
func (p *Pool) Unlisten(now time.Time) { p.unlisten(now) }

// Listeners is how many listeners there are.
func (p *Pool) Listeners() int { return int(p.listeners.Load()) }

// Running is how many calls of a user count as running.
func (p *Pool) Running(user patchbay.UserID) int {
	w := p.people.of(user)
	defer w.mu.Unlock()
	return w.calls
}

// Children is how many places for child processes are taken.
func (p *Pool) Children() int {
	p.children.mu.Lock()
	defer p.children.mu.Unlock()
	return p.children.open
}

// People sweeps as after an hour and returns how many users are left to count for.
func (p *Pool) People() int {
	p.people.sweep(time.Now().Add(time.Hour), p.clock()+time.Hour)
	p.people.mu.Lock()
	defer p.people.mu.Unlock()
	return len(p.people.m)
}
