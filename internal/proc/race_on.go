//go:build race

package proc

// raceDetector: the program was built with it. Its children in tests are the same
// program, and the detector maps terabytes, so that no address space is enough.
const raceDetector = true
