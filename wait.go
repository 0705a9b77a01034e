package patchbay

// More kinds of waits, of runs.
const (
	WaitSignin   WaitKind = "signin"   // the person must sign in to the call's server
	WaitApproval WaitKind = "approval" // the person must approve the call
)
