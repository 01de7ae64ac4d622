package vectors

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"os"
	"strings"
	"testing"
)

type vector struct {
	ID, Requirement, Level, Why, Text, Or string
	Wire                                  [][2]any
	Chunks                                []int
	Error                                 *struct{ Kind, Says string }
}

// A chunk a Read, then the end or what breaks the connection.
type fed struct {
	wire   []byte
	chunks []int
	end    error
}

func (f *fed) Read(into []byte) (int, error) {
	if len(f.chunks) == 0 {
		return 0, f.end
	}
	n := copy(into, f.wire[:f.chunks[0]])
	f.wire, f.chunks[0] = f.wire[n:], f.chunks[0]-n
	if f.chunks[0] == 0 {
		f.chunks = f.chunks[1:]
	}
	return n, nil
}

func source(v vector) io.Reader {
	f := &fed{chunks: v.Chunks, end: io.EOF}
	for _, piece := range v.Wire {
		data, _ := base64.StdEncoding.DecodeString(piece[0].(string))
		f.wire = append(f.wire, bytes.Repeat(data, int(piece[1].(float64)))...)
	}
	if v.Error != nil && v.Error.Kind == "source-error" {
		f.end = errors.New("the source failed")
	}
	return f
}

func TestVectors(t *testing.T) {
	decode := Decode // in your project: yours, a func(io.Reader, func(text string)) error
	if os.Getenv("DECODER") == "broken" {
		decode = DecodeBroken
	}
	var file struct{ Vectors []vector }
	if data, err := os.ReadFile("vectors.json"); err != nil || json.Unmarshal(data, &file) != nil {
		t.Fatal("vectors.json cannot be read")
	}
	for _, v := range file.Vectors {
		if v.Level != "must" {
			continue
		}
		v := v
		t.Run(v.ID, func(t *testing.T) {
			var said strings.Builder
			err := decode(source(v), func(text string) { said.WriteString(text) })
			text := said.String()
			right := err == nil && (text == v.Text || (v.Or != "" && text == v.Or))
			if v.Error != nil {
				right = err != nil && strings.HasPrefix(text, v.Text) && strings.Contains(err.Error(), v.Error.Says)
			}
			if !right {
				t.Errorf("%s: %s Got %.99q, %v", v.Requirement, v.Why, text, err)
			}
		})
	}
}
