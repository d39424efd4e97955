package scenarios

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// The parts of HAR 1.2 (http://www.softwareishard.com/blog/har-12-spec/) that
// an import reads, and what browsers add behind an underscore. Browsers leave
// out and misuse much of it, so every field is optional.
type (
	harFile struct {
		Log *harLog `json:"log"`
	}
	harLog struct {
		Version string      `json:"version"`
		Creator harProgram  `json:"creator"`
		Browser harProgram  `json:"browser"`
		Pages   []harPage   `json:"pages"`
		Entries *[]harEntry `json:"entries"`
	}
	harProgram struct {
		Name    string `json:"name"`
		Version string `json:"version"`
	}
	harPage struct {
		ID      string `json:"id"`
		Title   string `json:"title"`
		Started string `json:"startedDateTime"`
	}
	harEntry struct {
		Page     string                     `json:"pageref"`
		Started  string                     `json:"startedDateTime"`
		Time     harNumber                  `json:"time"` // ms
		Request  harRequest                 `json:"request"`
		Response harResponse                `json:"response"`
		Timings  harTimings                 `json:"timings"`
		Cache    map[string]json.RawMessage `json:"cache"`

		ResourceType string       `json:"_resourceType"` // Chrome
		Initiator    harInitiator `json:"_initiator"`    // Chrome
		FromCache    harFlag      `json:"_fromCache"`    // Chrome: memory, disk
		FetchType    string       `json:"_fetchType"`    // Safari: Network Load, Memory Cache, …
	}
	harRequest struct {
		Method      string      `json:"method"`
		URL         string      `json:"url"`
		Headers     []harHeader `json:"headers"`
		HeadersSize harNumber   `json:"headersSize"`
		BodySize    harNumber   `json:"bodySize"`
	}
	harResponse struct {
		Status        harNumber   `json:"status"`
		StatusText    string      `json:"statusText"`
		Headers       []harHeader `json:"headers"`
		RedirectURL   string      `json:"redirectURL"`
		HeadersSize   harNumber   `json:"headersSize"`
		BodySize      harNumber   `json:"bodySize"`
		Content       harContent  `json:"content"`
		TransferSize  harNumber   `json:"_transferSize"`            // Chrome, Safari: headers and body
		Error         string      `json:"_error"`                   // Chrome
		ServiceWorker harFlag     `json:"_fetchedViaServiceWorker"` // Chrome
		FromWorker    harFlag     `json:"_fromServiceWorker"`       // tools that drive Chrome
		FromDisk      harFlag     `json:"_fromDiskCache"`           // tools that drive Chrome
	}
	harContent struct {
		Size        harNumber `json:"size"`
		Compression harNumber `json:"compression"` // bytes saved
		MIMEType    string    `json:"mimeType"`
	}
	harHeader struct {
		Name  string `json:"name"`
		Value string `json:"value"`
	}
	harTimings struct { // ms
		Connect harNumber `json:"connect"`
		SSL     harNumber `json:"ssl"`
		Wait    harNumber `json:"wait"`
	}
	harInitiator struct {
		Type  string   `json:"type"`
		URL   string   `json:"url"`
		Stack harStack `json:"stack"`
	}
	harStack struct {
		Frames []struct {
			URL string `json:"url"`
		} `json:"callFrames"`
		Parent *harStack `json:"parent"`
	}
)

// harNumber is a number that browsers write as -1 or null, or not at all, when
// they do not know it. The zero value is unknown.
type harNumber struct {
	value float64
	known bool
}

func (n *harNumber) UnmarshalJSON(data []byte) error {
	*n = harNumber{}
	var f float64
	if json.Unmarshal(data, &f) == nil && f >= 0 && string(data) != "null" {
		*n = harNumber{f, true}
	}
	return nil
}

// harFlag is something that a tool says with true or with a text.
type harFlag bool

func (f *harFlag) UnmarshalJSON(data []byte) error {
	switch string(data) {
	case "null", "false", "0", `""`, `"false"`:
		*f = false
	default:
		*f = true
	}
	return nil
}

// UnmarshalJSON reads Chrome's form, and the bare URL that other tools write.
func (i *harInitiator) UnmarshalJSON(data []byte) error {
	*i = harInitiator{}
	type plain harInitiator
	var p plain
	if json.Unmarshal(data, &i.URL) == nil && i.URL != "" {
		i.Type = "other"
	} else if json.Unmarshal(data, &p) == nil {
		*i = harInitiator(p)
	}
	return nil
}

// positive reports the number if it is known and above zero.
func (n harNumber) positive() (float64, bool) { return n.value, n.known && n.value > 0 }

// maxHARSize bounds what an import reads. HARs hold the bodies of responses.
const maxHARSize = 200_000_000

// readHAR parses a HAR and makes sure that it holds requests.
func readHAR(r io.Reader) (*harLog, error) {
	data, err := io.ReadAll(io.LimitReader(r, maxHARSize+1))
	if err != nil {
		return nil, &Error{Reason: "the HAR cannot be read: " + rootCause(err), Remedy: "give the path of a HAR file, as a browser's network panel saves it"}
	}
	if len(data) > maxHARSize {
		return nil, &Error{Reason: fmt.Sprintf("the HAR is larger than %s", Size(maxHARSize)), Remedy: "export it without content"}
	}
	data = bytes.TrimSpace(bytes.TrimPrefix(data, []byte("\ufeff")))
	if len(data) == 0 {
		return nil, &Error{Reason: "the HAR is empty", Remedy: exportAgain}
	}
	var file harFile
	if err := json.Unmarshal(data, &file); err != nil {
		return nil, harSyntaxError(data, err)
	}
	switch log := file.Log; {
	case log == nil:
		return nil, &Error{Reason: `not a HAR: the JSON has no "log"`, Remedy: exportAgain}
	case log.Version != "" && !strings.HasPrefix(log.Version, "1."):
		return nil, &Error{Reason: fmt.Sprintf("HAR version %q is not supported", abbreviate(log.Version)), Remedy: "export it as HAR 1.2, as browsers do"}
	case log.Entries == nil:
		return nil, &Error{Reason: `not a HAR: its log has no "entries"`, Remedy: exportAgain}
	case len(*log.Entries) == 0:
		return nil, &Error{Reason: "the HAR holds no requests", Remedy: "open the network panel, reload the page, and then export"}
	}
	return file.Log, nil
}

const exportAgain = "export it from the network panel of a browser: Save all as HAR"

// harSyntaxError says where and why a HAR is no JSON.
func harSyntaxError(data []byte, err error) *Error {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &kind):
		return &Error{Reason: fmt.Sprintf("not a HAR: its %s is a %s", abbreviate(kind.Field), kind.Value), Remedy: exportAgain}
	case !errors.As(err, &syntax):
		return &Error{Reason: "not a HAR: " + err.Error(), Remedy: exportAgain}
	case data[0] != '{':
		return &Error{Reason: "not a HAR: the file is not a JSON object", Remedy: exportAgain}
	case syntax.Offset >= int64(len(data)):
		return &Error{Reason: "the HAR ends in the middle: it is cut off", Remedy: "export or copy it again, completely"}
	}
	before := data[:syntax.Offset]
	line := 1 + bytes.Count(before, []byte("\n"))
	column := len([]rune(string(before[bytes.LastIndexByte(before, '\n')+1:])))
	return &Error{Reason: fmt.Sprintf("not a HAR: no JSON at line %d, column %d: %s", line, column, syntax), Remedy: exportAgain}
}
