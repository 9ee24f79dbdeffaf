// Package appliance holds the words of the box: sources, chunks, questions,
// answers, conversations, people. One noun, one file. It imports the errors alone
// of ours; every other package speaks in these types.
package appliance
