package vectors

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

var decoder = Decode // yours: a func(source io.Reader, give func(text string)) error

//go:embed vectors.json
var file []byte

type vector struct {
	ID, Level, Why, Text, Or, Error, Says string
	Chunks                                [][]byte
}

func TestVectors(t *testing.T) {
	var all struct{ Vectors []vector }
	if err := json.Unmarshal(file, &all); err != nil {
		t.Fatal(err)
	}
	for _, v := range all.Vectors {
		if v.Level == "must" { // without the if, each SHOULD too
			t.Run(v.ID, func(t *testing.T) { v.test(t) })
		}
	}
}

func (v vector) test(t *testing.T) {
	var body []io.Reader
	for _, chunk := range v.Chunks {
		body = append(body, bytes.NewReader(chunk))
	}
	if v.Error == "source-error" {
		body = append(body, iotest.ErrReader(errors.New("the connection broke")))
	}
	text, due, at := "", v.Text, 0
	err := decoder(io.MultiReader(body...), func(delta string) { text += delta })
	switch {
	case v.Error == "" && err != nil:
		t.Fatalf("%s The error is %q, where none is due", v.Why, err)
	case v.Error != "" && err == nil:
		t.Fatalf("%s No error comes, where one is due: %s", v.Why, v.Error)
	case err != nil && !strings.Contains(err.Error(), v.Says):
		t.Fatalf("%s The error is %q, which does not say %q", v.Why, err, v.Says)
	}
	for at < len(text) && at < len(due) && text[at] == due[at] {
		at++
	}
	if text != due && (v.Or == "" || text != v.Or) && (v.Error == "" || at < len(due)) {
		t.Errorf("%s At %d comes %.40q, where %.40q is due", v.Why, at, text[at:], due[at:])
	}
}
