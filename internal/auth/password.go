package auth

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"time"

	"golang.org/x/crypto/argon2"

	"patchbay"
)

// Cost is what hashing one password takes (argon2id, RFC 9106).
type Cost struct {
	MemoryKiB uint32
	Passes    uint32
}

// Bounds of hashing. Each takes MemoryKiB and a core for about a tenth of a second,
// so few run at once, and not many may wait for them.
const (
	defaultMemoryKiB = 64 << 10
	defaultPasses    = 2
	hashesAtOnce     = 2
	hashesWaiting    = 64
	saltBytes        = 16
	keyBytes         = 32
)

// What a stored hash may ask for: a row must not be able to take the memory.
const (
	maxMemoryKiB = 256 << 10
	maxPasses    = 16
	maxLanes     = 16
)

// hasher makes and checks PHC strings, a bounded number at a time.
type hasher struct {
	cost  Cost
	slots chan struct{}
	queue chan struct{}
}

func newHasher(c Cost) (*hasher, error) {
	if c == (Cost{}) {
		c = Cost{MemoryKiB: defaultMemoryKiB, Passes: defaultPasses}
	}
	if c.MemoryKiB < 8 || c.MemoryKiB > maxMemoryKiB || c.Passes < 1 || c.Passes > maxPasses {
		return nil, fmt.Errorf("auth: cost of passwords is out of bounds: %d KiB, %d passes", c.MemoryKiB, c.Passes)
	}
	return &hasher{cost: c, slots: make(chan struct{}, hashesAtOnce), queue: make(chan struct{}, hashesAtOnce+hashesWaiting)}, nil
}

// enter waits for a turn; the caller calls leave afterwards.
func (h *hasher) enter(ctx context.Context) (leave func(), err error) {
	select {
	case h.queue <- struct{}{}:
	default:
		return nil, &patchbay.Error{Code: patchbay.CodeCapacity, Message: "Too many people log in at this moment. Try again in a few seconds.", RetryAfter: 5 * time.Second}
	}
	select {
	case h.slots <- struct{}{}:
		return func() { <-h.slots; <-h.queue }, nil
	case <-ctx.Done():
		<-h.queue
		return nil, fmt.Errorf("auth: wait to hash: %w", context.Cause(ctx))
	}
}

// hash returns the PHC string of a password.
func (h *hasher) hash(ctx context.Context, password string) (string, error) {
	leave, err := h.enter(ctx)
	if err != nil {
		return "", err
	}
	defer leave()
	salt := make([]byte, saltBytes)
	_, _ = rand.Read(salt) // never fails: it ends the process instead
	key := argon2.IDKey([]byte(password), salt, h.cost.Passes, h.cost.MemoryKiB, 1, keyBytes)
	b64 := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, h.cost.MemoryKiB, h.cost.Passes, 1,
		b64.EncodeToString(salt), b64.EncodeToString(key)), nil
}

// verify reports whether password is that of phc. An empty phc, of an account that is
// not there or has no password, takes as long as any other and is never right.
func (h *hasher) verify(ctx context.Context, password, phc string) (bool, error) {
	p := parsedHash{cost: h.cost, lanes: 1, salt: make([]byte, saltBytes), key: make([]byte, keyBytes)}
	if phc != "" {
		var err error
		if p, err = parsePHC(phc); err != nil {
			return false, err
		}
	}
	leave, err := h.enter(ctx)
	if err != nil {
		return false, err
	}
	defer leave()
	got := argon2.IDKey([]byte(password), p.salt, p.cost.Passes, p.cost.MemoryKiB, p.lanes, uint32(len(p.key)))
	return subtle.ConstantTimeCompare(got, p.key) == 1 && phc != "", nil
}

type parsedHash struct {
	cost      Cost
	lanes     uint8
	salt, key []byte
}

var errPHC = errors.New("auth: a stored password hash cannot be read")

func parsePHC(phc string) (p parsedHash, err error) {
	parts := strings.Split(phc, "$")
	if len(parts) != 6 || parts[0] != "" || parts[1] != "argon2id" || parts[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return p, errPHC
	}
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &p.cost.MemoryKiB, &p.cost.Passes, &p.lanes); err != nil {
		return p, errPHC
	}
	params := fmt.Sprintf("m=%d,t=%d,p=%d", p.cost.MemoryKiB, p.cost.Passes, p.lanes)
	if params != parts[3] || p.cost.MemoryKiB < 8 || p.cost.MemoryKiB > maxMemoryKiB ||
		p.cost.Passes < 1 || p.cost.Passes > maxPasses || p.lanes < 1 || p.lanes > maxLanes {
		return p, errPHC
	}
	b64 := base64.RawStdEncoding.Strict()
	if p.salt, err = b64.DecodeString(parts[4]); err != nil || len(p.salt) < 8 || len(p.salt) > 64 {
		return p, errPHC
	}
	if p.key, err = b64.DecodeString(parts[5]); err != nil || len(p.key) < 16 || len(p.key) > 64 {
		return p, errPHC
	}
	return p, nil
}
