package main

import (
	"patchbay/internal/config"
)

// load finds and reads the configuration as serve does. Its error is why it cannot be
// used; what could be read comes with it.
func (sh *shell) load(file string) (*config.Loaded, error) {
	o, err := config.SystemOptions(file)
	if err != nil {
		return nil, err
	}
	o.Environ = sh.env
	return config.Load(o)
}

// environ is the environment as serve sees it: the process's, over the `.env` files'. A
// configuration file that is wrong does not matter here.
func (sh *shell) environ() (*config.Env, error) {
	if sh.snapshot != nil {
		return sh.snapshot, nil
	}
	loaded, err := sh.load("")
	if loaded == nil || loaded.Env == nil {
		return nil, err
	}
	sh.snapshot = loaded.Env
	return sh.snapshot, nil
}

// dataDir is the data folder, by the same rule as for serve.
func (sh *shell) dataDir() (string, error) {
	if sh.flags.data != "" {
		return sh.flags.data, nil
	}
	env, err := sh.environ()
	if err != nil {
		return "", err
	}
	if dir := env.Get("PATCHBAY_DATA"); dir != "" {
		return dir, nil
	}
	return "data", nil
}
