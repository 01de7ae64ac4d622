// Package vectors has two small decoders of tgi-sse on SageMaker: one that is right, and one that is not.
package vectors

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"unicode/utf8"
)

// Decode calls give with each piece of text, and returns what went wrong.
func Decode(source io.Reader, give func(string)) error {
	return decode(source, give, func(line []byte) []byte { return line })
}

// DecodeBroken is the same, but makes each payload valid by itself: a character that is cut between two is lost.
func DecodeBroken(source io.Reader, give func(string)) error {
	return decode(source, give, func(payload []byte) []byte { return bytes.ToValidUTF8(payload, nil) })
}

func decode(source io.Reader, give func(string), seen func([]byte) []byte) error {
	var line, data []byte
	event := func(line []byte) error {
		line = bytes.TrimSuffix(line, []byte("\r"))
		if bytes.HasPrefix(line, []byte("data:")) {
			data = append(append(data, bytes.TrimPrefix(line[5:], []byte(" "))...), '\n')
		}
		if len(line) > 0 {
			return nil
		}
		record := bytes.TrimSpace(data)
		data = nil
		if len(record) == 0 || string(record) == "[DONE]" {
			return nil
		}
		return text(record, give)
	}
	err := payloads(source, func(payload []byte) error {
		line = append(line, seen(payload)...)
		for {
			end := bytes.IndexByte(line, '\n')
			if end < 0 {
				return nil
			}
			if err := event(line[:end]); err != nil {
				return err
			}
			line = line[end+1:]
		}
	})
	for _, last := range [][]byte{line, nil} {
		if err == nil {
			err = event(last)
		}
	}
	return err
}

func text(record []byte, give func(string)) error {
	var said struct {
		Error json.RawMessage
		Token struct {
			Text    string
			Special bool
		}
	}
	if !utf8.Valid(record) {
		return errors.New("a record that is no UTF-8")
	}
	if err := json.Unmarshal(record, &said); err != nil {
		return err
	}
	if said.Error != nil {
		return fmt.Errorf("the model failed: %s", said.Error)
	}
	if !said.Token.Special {
		give(said.Token.Text)
	}
	return nil
}

func payloads(source io.Reader, take func([]byte) error) error {
	prelude := make([]byte, 12)
	for {
		if _, err := io.ReadFull(source, prelude); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
		total, length := binary.BigEndian.Uint32(prelude), binary.BigEndian.Uint32(prelude[4:])
		if crc32.ChecksumIEEE(prelude[:8]) != binary.BigEndian.Uint32(prelude[8:]) || total > 1<<25 || total < 16 || total-16 < length {
			return errors.New("a prelude that cannot be")
		}
		message := make([]byte, total)
		copy(message, prelude)
		if _, err := io.ReadFull(source, message[12:]); err != nil {
			return fmt.Errorf("the wire ends inside a message: %v", err)
		}
		if crc32.ChecksumIEEE(message[:total-4]) != binary.BigEndian.Uint32(message[total-4:]) {
			return errors.New("a message whose checksum does not match")
		}
		found, err := headers(message[12 : 12+length])
		payload := message[12+length : total-4]
		switch {
		case err != nil:
			return err
		case found[":message-type"] != "event":
			return fmt.Errorf("%v %s", found, payload)
		case found[":event-type"] == "PayloadPart":
			if err := take(payload); err != nil {
				return err
			}
		}
	}
}

var sizes = map[byte]int{0: 0, 1: 0, 2: 1, 3: 2, 4: 4, 5: 8, 8: 8, 9: 16} // bytes of a header's value, by its type

func headers(block []byte) (map[string]string, error) {
	found := map[string]string{}
	for len(block) > 0 {
		name := int(block[0])
		if len(block) < name+2 {
			return nil, errors.New("a header that is cut")
		}
		size, known := sizes[block[name+1]]
		at := name + 2
		if !known && len(block) >= at+2 {
			size, at = int(binary.BigEndian.Uint16(block[at:])), at+2
		}
		if len(block) < at+size {
			return nil, errors.New("a header that is cut")
		}
		found[string(block[1:1+name])] = string(block[at : at+size])
		block = block[at+size:]
	}
	return found, nil
}
