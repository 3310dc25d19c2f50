// Sends requests with Go's net/http. Arguments: URL, picture. Prints a line of JSON for each response.
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptrace"
	"os"
	"sync"
	"time"
)

var (
	url     = os.Args[1] + "/v1/predictions"
	picture []byte
	mutex   sync.Mutex
	client  = &http.Client{
		Timeout:   20 * time.Second,
		Transport: &http.Transport{ExpectContinueTimeout: 10 * time.Second, MaxIdleConnsPerHost: 100},
	}
)

func check(err error) {
	if err != nil {
		panic(err)
	}
}

func send(name, address, kind string, body io.Reader, header ...string) {
	request, err := http.NewRequest("POST", address, body)
	check(err)
	request.Header.Set("X-Request-ID", name)
	request.Header.Set("Content-Type", kind)
	for i := 0; i < len(header); i += 2 {
		request.Header.Set(header[i], header[i+1])
	}
	reused := false
	trace := &httptrace.ClientTrace{GotConn: func(info httptrace.GotConnInfo) { reused = info.Reused }}
	response, err := client.Do(request.WithContext(httptrace.WithClientTrace(request.Context(), trace)))
	check(err)
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	check(err)
	mutex.Lock()
	defer mutex.Unlock()
	line, err := json.Marshal(map[string]any{
		"name": name, "status": response.StatusCode, "id": response.Header.Get("X-Request-ID"),
		"type": response.Header.Get("Content-Type"), "body": json.RawMessage(content), "reused": reused,
	})
	check(err)
	fmt.Println(string(line))
}

func form(field string, files int) (string, *bytes.Buffer) {
	body := &bytes.Buffer{}
	writer := multipart.NewWriter(body)
	for i := 0; i < files; i++ {
		part, err := writer.CreateFormFile(field, "two \"2\".png")
		check(err)
		_, err = part.Write(picture)
		check(err)
	}
	check(writer.Close())
	return writer.FormDataContentType(), body
}

func main() {
	var err error
	picture, err = os.ReadFile(os.Args[2])
	check(err)
	raw := func() io.Reader { return bytes.NewReader(picture) }
	send("raw", url, "image/png", raw())
	kind, body := form("image", 1)
	send("form", url, kind, body)
	kind, body = form("images", 3)
	send("batch", url+"/batch", kind, body)
	send("stream", url, "image/png", io.MultiReader(raw())) // of unknown length: chunked
	send("expect", url, "image/png", raw(), "Expect", "100-continue")
	send("refused", url, "image/png", bytes.NewReader([]byte("no picture")))
	send("h2c", url, "image/png", raw(), "Connection", "Upgrade", "Upgrade", "h2c")
	send("again", url, "image/png", raw())
	send("large", url, "image/png", bytes.NewReader(make([]byte, 200001)), "Expect", "100-continue")
	var all sync.WaitGroup
	for i := 0; i < 16; i++ {
		all.Add(1)
		go func(i int) {
			defer all.Done()
			send(fmt.Sprintf("together.%d", i), url, "image/png", raw())
		}(i)
	}
	all.Wait()
}
