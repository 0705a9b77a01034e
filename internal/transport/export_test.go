package transport

// ScanForBenchmark runs the scanner alone.
func ScanForBenchmark(data []byte) error {
	_, err := scanEnvelope(data)
	return err
}
