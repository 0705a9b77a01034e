package chat

// Plain is a service without what executes runs: for tests of the rest.
func Plain(o Options) *Service { return &Service{o: o} }
