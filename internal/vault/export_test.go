package vault

// CachedUsers returns how many users the cache holds.
func (v *Vault) CachedUsers() int {
	v.cache.mu.Lock()
	defer v.cache.mu.Unlock()
	return len(v.cache.users)
}
