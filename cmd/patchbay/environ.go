package main

import (
	"patchbay/internal/config"
)

// environ is the environment as serve sees it: the process's, over the `.env` file in
// the working folder.
func (sh *shell) environ() (*config.Env, error) {
	if sh.snapshot != nil {
		return sh.snapshot, nil
	}
	env, _, err := config.NewEnv(sh.env, ".env") // serve and check say what is wrong inside
	if err != nil {
		return nil, err
	}
	sh.snapshot = env
	return env, nil
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
