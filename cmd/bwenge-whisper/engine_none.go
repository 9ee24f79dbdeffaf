//go:build !whisper

package main

import "errors"

func loadEngine(string, string, int) (engine, error) {
	return nil, errors.New("built without the speech library: build with -tags whisper (make build)")
}
