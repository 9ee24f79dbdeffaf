// Package ingest is flow 1 of the box: a teacher's file becomes chunks that can
// be searched.
//
//  1. Add streams the file into uploads/*.part while its sha256 is taken, syncs
//     it, renames it to files/<ab>/<sha256>, syncs the folder, and only then
//     writes the source and its job in one transaction. After the
//     acknowledgement nothing of it can be lost; before it nothing of it stays.
//  2. Run claims the job with a lease, which a heartbeat extends.
//  3. Stage read: a document's sections (extract.Reader) or a recording's
//     windows of a minute (extract.DecodeTake, then models.Transcriber) are
//     stored as parts while they come.
//  4. Stage chunk: parts become chunks, measured by the embedding model.
//  5. Stage embed: batches of chunks get their vectors, stored batch by batch.
//  6. One transaction makes the source ready. Until then no search sees it.
//
// What a power cut costs: of an upload that was not acknowledged, everything;
// of a document, the page that was being read (the reader starts over, but what
// is stored is not stored again); of a recording, the window that was being
// heard; of the index, one batch. Run frees the jobs of the dead process at
// once and goes on from there. Every stage is deterministic and skips what it
// finds stored, so nothing is there twice.
//
// A worker that has lost its lease, because its source was cancelled or
// deleted, cannot write any more: every write carries the lease.
//
// What goes wrong. An error of the file itself ends in "failed" with a sentence
// for the teacher. An engine that is down is tried again with growing pauses.
// An engine or a reader that dies on the same piece twice makes the file
// suspect: it is set aside. Should the box itself die on a job, that is a power
// cut far more often than the file's fault, so it takes five deaths in a row
// without any progress, with growing pauses and after all other jobs.
//
// Deletion takes the rows first (package sqlite: to the last byte), then the
// file when no other source has the same bytes; a crash in between leaves an
// orphan file, which Sweep removes.
package ingest
