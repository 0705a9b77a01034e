package bedrock

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io"

	"github.com/aws/aws-sdk-go-v2/aws/protocol/eventstream"

	"patchbay/internal/provider"
)

// streamType is the media type of the event stream.
const streamType = "application/vnd.amazon.eventstream"

// Sizes of a frame, as the format has them.
const (
	preludeSize = 12 // length, length of the headers, checksum of both
	overhead    = preludeSize + 4
	maxHeaders  = 128 << 10
)

// failed marks the name of an event that is an exception.
const failed = "!"

// frames reads an event stream: frames of a length, headers, a payload and two checksums.
// AWS's decoder takes them apart; what it would believe of a length is checked before.
type frames struct {
	in      *bufio.Reader
	max     int
	decoder *eventstream.Decoder
	frame   bytes.Buffer
	payload []byte
}

func newFrames(in io.Reader, maxEvent int) provider.Frames {
	return &frames{in: bufio.NewReaderSize(in, 4<<10), max: maxEvent, decoder: eventstream.NewDecoder()}
}

// Next returns the next event: its type and its payload, the type of an exception after
// a "!".
func (f *frames) Next() (name string, data []byte, err error) {
	size, err := f.size()
	if err != nil {
		return "", nil, err
	}
	// The buffer grows with what comes, not with what the length promises.
	f.frame.Reset()
	if _, err := io.CopyN(&f.frame, f.in, size); err != nil {
		return "", nil, cutOff(err)
	}
	message, err := f.decoder.Decode(bytes.NewReader(f.frame.Bytes()), f.payload[:0])
	if err != nil {
		return "", nil, provider.Malformed("Bedrock", err)
	}
	f.payload = message.Payload
	header := func(name string) string {
		v, ok := message.Headers.Get(name).(eventstream.StringValue)
		if !ok {
			return ""
		}
		return string(v)
	}
	switch header(":message-type") {
	case "event":
		return header(":event-type"), message.Payload, nil
	case "exception":
		return failed + header(":exception-type"), message.Payload, nil
	case "error":
		return failed + header(":error-code"), provider.Encode(map[string]string{"message": header(":error-message")}), nil
	}
	return "", nil, provider.Malformed("Bedrock", errors.New("a frame of no known type"))
}

// size reads how long the next frame is, and believes it only when the checksum fits.
func (f *frames) size() (int64, error) {
	prelude, err := f.in.Peek(preludeSize)
	if err != nil {
		if len(prelude) == 0 {
			return 0, err
		}
		return 0, cutOff(err)
	}
	total, headers := int64(binary.BigEndian.Uint32(prelude)), int64(binary.BigEndian.Uint32(prelude[4:]))
	switch {
	case crc32.ChecksumIEEE(prelude[:8]) != binary.BigEndian.Uint32(prelude[8:]):
		return 0, provider.Malformed("Bedrock", errors.New("the checksum of a frame's length is wrong"))
	case headers > maxHeaders, total < overhead+headers:
		return 0, provider.Malformed("Bedrock", errors.New("the lengths of a frame do not fit"))
	case total > int64(f.max):
		return 0, provider.ErrEventTooLong
	}
	return total, nil
}

// cutOff tells an end in the middle of a frame from the end of the stream.
func cutOff(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}
