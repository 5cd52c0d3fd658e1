//go:build ignore

// mkcommon writes common/passwords.txt.gz, the built-in list of common passwords, from a JSON array of strings:
//
//	npm pack @zxcvbn-ts/language-common@4.1.3 && tar xzf zxcvbn-ts-language-common-4.1.3.tgz
//	go run mkcommon.go package/src/passwords.json
//
// The list is that of zxcvbn (MIT, Copyright (c) 2012-2016 Dan Wheeler and Dropbox, Inc.; (c) 2021 @zxcvbn-ts), see common/LICENSE.txt.
package main

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"log"
	"os"
	"slices"
	"strings"
)

func main() {
	b, err := os.ReadFile(os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	var in, out []string
	if err := json.Unmarshal(b, &in); err != nil {
		log.Fatal(err)
	}
	for _, p := range in {
		if p = strings.ToLower(p); len(p) >= 4 && !strings.ContainsAny(p, "\r\n") {
			out = append(out, p)
		}
	}
	slices.Sort(out)
	var z bytes.Buffer
	w, _ := gzip.NewWriterLevel(&z, gzip.BestCompression)
	if _, err := w.Write([]byte(strings.Join(slices.Compact(out), "\n") + "\n")); err != nil {
		log.Fatal(err)
	}
	if err := w.Close(); err != nil {
		log.Fatal(err)
	}
	if err := os.WriteFile("common/passwords.txt.gz", z.Bytes(), 0o644); err != nil {
		log.Fatal(err)
	}
}
