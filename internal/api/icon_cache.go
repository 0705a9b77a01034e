package api

import (
	"context"
	"errors"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"

	"patchbay"
)

const (
	maxIcons    = 64 // of at most 256 KiB each
	iconKept    = time.Hour
	iconRefused = time.Minute // before an icon that could not be had is asked for again
	iconTimeout = 10 * time.Second
)

// iconCache keeps icons of other hosts, so that a page that shows a server does not make
// us ask its host each time.
type iconCache struct {
	group singleflight.Group
	mu    sync.Mutex
	kept  map[iconKey]keptIcon
}

// iconKey holds the id too: the guard judges a definition, not a URL alone.
type iconKey struct {
	server patchbay.ServerID
	url    string
}

type keptIcon struct {
	data  []byte
	err   error
	until time.Time
}

func newIconCache() *iconCache { return &iconCache{kept: map[iconKey]keptIcon{}} }

func (c *iconCache) get(ctx context.Context, from IconFetcher, def *patchbay.Server) ([]byte, error) {
	if from == nil {
		return nil, errors.New("api: icon: none of other hosts here")
	}
	key := iconKey{def.ID, def.IconPath}
	if k, ok := c.find(key); ok {
		return k.data, k.err
	}
	v, err, _ := c.group.Do(string(key.server)+" "+key.url, func() (any, error) {
		// For everybody who waits, not only for whoever came first.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), iconTimeout)
		defer cancel()
		data, err := from.Icon(ctx, def, maxIcon)
		c.keep(key, data, err)
		return data, err
	})
	data, _ := v.([]byte)
	return data, err
}

func (c *iconCache) find(key iconKey) (keptIcon, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	k, ok := c.kept[key]
	return k, ok && time.Now().Before(k.until)
}

func (c *iconCache) keep(key iconKey, data []byte, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	k := keptIcon{data: data, err: err, until: time.Now().Add(iconKept)}
	if err != nil {
		k.until = time.Now().Add(iconRefused)
	}
	for old, was := range c.kept {
		if len(c.kept) < maxIcons && time.Now().Before(was.until) {
			continue
		}
		delete(c.kept, old)
	}
	c.kept[key] = k
}
