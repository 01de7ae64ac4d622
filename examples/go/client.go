// A client in Go, with the event-stream decoder of the AWS SDK: sliceproof run --dialect tgi-sse -- ./client
//
// The SDK that Debian packages is older than InvokeEndpointWithResponseStream. So net/http asks, and messages are read as
// the SDK's generated readers read them: until the decoder returns io.EOF, which is then taken for the end of the stream.
package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws/protocol/eventstream"
	"github.com/aws/aws-sdk-go-v2/aws/protocol/eventstream/eventstreamapi"
)

// next is what sliceproof says of a stream.
type next struct {
	Name      string `json:"name"`
	Dialect   string `json:"dialect"`
	InvokeURL string `json:"invoke_url"`
}

// report is what came of it.
type report struct {
	Text  string `json:"text"`
	Error string `json:"error,omitempty"`
}

func header(message *eventstream.Message, name string) string {
	if value := message.Headers.Get(name); value != nil {
		return value.String()
	}
	return ""
}

// ask gives each payload part of an endpoint's answer to read, as long as that returns no error.
func ask(url string, read func([]byte) error) error {
	response, err := http.Post(url, "application/json", strings.NewReader("{}"))
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		said, _ := io.ReadAll(response.Body)
		return fmt.Errorf("%s: %s", response.Status, said)
	}
	decoder, payload := eventstream.NewDecoder(), make([]byte, 10*1024)
	for {
		message, err := decoder.Decode(response.Body, payload[:0])
		if err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
		switch kind := header(&message, eventstreamapi.MessageTypeHeader); {
		case kind == eventstreamapi.ErrorMessageType:
			code := header(&message, eventstreamapi.ErrorCodeHeader)
			return fmt.Errorf("%s: %s", code, header(&message, eventstreamapi.ErrorMessageHeader))
		case kind != eventstreamapi.EventMessageType:
			return fmt.Errorf("%s %s: %s", kind, header(&message, eventstreamapi.ExceptionTypeHeader), message.Payload)
		case header(&message, eventstreamapi.EventTypeHeader) == "PayloadPart":
			if err := read(message.Payload); err != nil {
				return err
			}
		}
	}
}

// sse gives the text of a TGI or OpenAI-compatible event stream.
type sse struct {
	text     bytes.Buffer
	rest     []byte
	searched int // bytes of the rest that have no line feed: a long line is looked through once
	finished bool
}

func (s *sse) read(part []byte) error {
	s.rest = append(s.rest, part...)
	for {
		end := bytes.IndexByte(s.rest[s.searched:], '\n')
		if end < 0 {
			s.searched = len(s.rest)
			return nil
		}
		line := s.rest[:s.searched+end]
		s.rest, s.searched = s.rest[len(line)+1:], 0
		if !bytes.HasPrefix(line, []byte("data:")) {
			continue
		}
		data := bytes.TrimSpace(line[len("data:"):])
		if bytes.Equal(data, []byte("[DONE]")) {
			s.finished = true
		} else if len(data) > 0 {
			if err := s.record(data); err != nil {
				return err
			}
		}
	}
}

func (s *sse) record(data []byte) error {
	var record struct {
		Token *struct {
			Text    string `json:"text"`
			Special bool   `json:"special"`
		} `json:"token"`
		GeneratedText *string         `json:"generated_text"`
		Error         json.RawMessage `json:"error"`
		Choices       []struct {
			Index int `json:"index"`
			Delta struct {
				Content string `json:"content"`
			} `json:"delta"`
			FinishReason *string `json:"finish_reason"`
		} `json:"choices"`
	}
	if err := json.Unmarshal(data, &record); err != nil {
		return err
	}
	if len(record.Error) > 0 && string(record.Error) != "null" {
		return fmt.Errorf("the container said: %s", data)
	}
	if record.Token != nil && !record.Token.Special {
		s.text.WriteString(record.Token.Text)
	}
	s.finished = s.finished || record.GeneratedText != nil
	for _, choice := range record.Choices {
		if choice.Index != 0 {
			continue // another choice than the first, which was asked for by n
		}
		s.text.WriteString(choice.Delta.Content)
		s.finished = s.finished || choice.FinishReason != nil
	}
	return nil
}

func (s *sse) end() error {
	if err := s.read([]byte("\n")); err != nil {
		return err
	}
	if !s.finished {
		return errors.New("the stream ended before its last record")
	}
	return nil
}

func judged(stream next) (told report) {
	defer func() { // a panic of the decoder's ends a program; here it is told
		if panicked := recover(); panicked != nil {
			told.Error = fmt.Sprint("panic: ", panicked)
		}
	}()
	if stream.Dialect == "text" {
		var text bytes.Buffer
		err := ask(stream.InvokeURL, func(part []byte) error { text.Write(part); return nil })
		return reported(&text, err)
	}
	var reader sse
	err := ask(stream.InvokeURL, reader.read)
	if err == nil {
		err = reader.end()
	}
	return reported(&reader.text, err)
}

func reported(text *bytes.Buffer, err error) report {
	told := report{Text: text.String()}
	if err != nil {
		told.Error = err.Error()
	}
	return told
}

func main() {
	ours := os.Getenv("SLICEPROOF_URL")
	for {
		response, err := http.Get(ours + "/next")
		if err != nil {
			return
		}
		var stream next
		err = json.NewDecoder(response.Body).Decode(&stream)
		response.Body.Close()
		if err != nil { // 204: there is none just now
			continue
		}
		told, err := json.Marshal(judged(stream))
		if err != nil {
			panic(err)
		}
		response, err = http.Post(ours+"/report/"+stream.Name, "application/json", bytes.NewReader(told))
		if err == nil {
			response.Body.Close()
		}
	}
}
