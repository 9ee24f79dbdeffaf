// Package fault is what a teacher reads when a file could not be read, or not all of it.
package fault

import (
	"fmt"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/internal/problem"
)

// The failures that a teacher reads. Each has its own reason, by which a screen
// finds a translation.

const copyAgain = "Copy it again from where it came from, or open it on a computer and save it anew."

func Empty() error {
	return problem.New(problem.Unreadable, "file_empty",
		"This file is empty.", "Copy it again from where it came from.", nil)
}

func Unsupported(mediaType string) error {
	return problem.New(problem.Unsupported, "unsupported_type",
		"This is not a kind of file that the box can read.",
		"Save it as PDF, DOCX, PPTX, EPUB or plain text, or as a recording such as MP3 or MP4.", nil).
		With("media_type", mediaType)
}

func SaveAs(old, want string) error {
	return problem.New(problem.Unsupported, "old_format",
		fmt.Sprintf("This is a %s file, which the box cannot read.", old),
		fmt.Sprintf("Open it on a computer, choose “Save as”, pick %s, and add the new file.", want), nil).
		With("format", old).With("save_as", want)
}

func Password(cause error) error {
	return problem.New(problem.Unreadable, "password",
		"This file is protected by a password.",
		"Open it with its password, save a copy without one, and add the copy.", cause)
}

func CopyProtected() error {
	return problem.New(problem.Unreadable, "copy_protected",
		"This book is copy-protected (DRM), so its text is locked.",
		"Ask for a copy without protection from whoever published it.", nil)
}

func Damaged(cause error) error {
	return problem.New(problem.Unreadable, "damaged",
		"This file is damaged or was not copied completely.", copyAgain, cause)
}

func NoText() error {
	return problem.New(problem.Unreadable, "no_text",
		"No text could be found in this file.",
		"If it holds scanned pages or photos, make them again with more light and at 300 dpi.", nil)
}

func NotText(cause error) error {
	return problem.New(problem.Unreadable, "not_text",
		"This file holds data rather than text.",
		"Open it in the program it comes from and save it as PDF.", cause)
}

func TooComplex(cause error) error {
	return problem.New(problem.TooLarge, "too_complex",
		"This file unpacks to far more than a document should hold, so it was not read.",
		"If you trust it, open it on a computer and save it as PDF.", cause)
}

func ImageTooLarge(width, height int) error {
	return problem.New(problem.TooLarge, "image_too_large",
		fmt.Sprintf("This picture is too large to read (%d × %d dots).", width, height),
		"Make it smaller, at most 8000 dots wide and high, and add it again.", nil).
		With("width", width).With("height", height)
}

func Memory(cause error) error {
	return problem.New(problem.Unreadable, "too_much_memory",
		"This file could not be read: it needs too much memory.",
		"Split it into smaller files, or open it on a computer and save it as PDF.", cause)
}

func TooSlow(cause error) error {
	return problem.New(problem.Timeout, "too_slow",
		"This file could not be read: it takes too long.",
		"Split it into smaller files, or open it on a computer and save it as PDF.", cause)
}

func ReaderFailed(cause error) error {
	return problem.New(problem.Unreadable, "reader_failed",
		"This file could not be read: something in it stops the reader.",
		"Open it on a computer, save it anew as PDF, and add that one.", cause)
}

func NoSound(kind appliance.Kind) error {
	what := "recording"
	if kind == appliance.KindVideo {
		what = "video"
	}
	return problem.New(problem.Unreadable, "no_sound",
		fmt.Sprintf("This %s has no sound.", what),
		"Check that it was recorded with the microphone on.", nil).With("kind", kind)
}

func TooShort(kind appliance.Kind) error {
	return problem.New(problem.Unreadable, "too_short",
		"This recording is too short to hold a word.",
		"Check that it was copied completely and plays on a computer.", nil).With("kind", kind)
}

func NoTool(tool, what string, cause error) error {
	return problem.New(problem.Unavailable, "tool_missing",
		fmt.Sprintf("%s needs the program %s, which is not installed on the box.", what, tool),
		fmt.Sprintf("Ask whoever looks after the box to install %s.", tool), cause).
		With("tool", tool)
}

// ToolFailed is trouble of the box and not of the file.
func ToolFailed(tool string, cause error) error {
	return problem.New(problem.Unavailable, "tool_failed",
		fmt.Sprintf("The program %s, which reads the text in pictures, could not be started.", tool),
		"The box tries again by itself.", cause).With("tool", tool)
}

func ArchiveCut(have, want int64) error {
	return problem.New(problem.Unreadable, "archive_cut",
		fmt.Sprintf("This archive was not copied completely: %d of %d MB are there, and its list of articles is missing.", have>>20, want>>20),
		copyAgain, nil).With("have_bytes", have).With("want_bytes", want)
}

// The notices: what was left out of a file that is otherwise fine.

func NoticePagesUnreadable(count, of int) appliance.Notice {
	return appliance.Notice{Code: "pages_unreadable",
		Message: fmt.Sprintf("%d of %d pages could not be read.", count, of),
		Params:  map[string]any{"count": count, "of": of}}
}

func NoticeTextTruncated(limit int64) appliance.Notice {
	return appliance.Notice{Code: "text_truncated",
		Message: fmt.Sprintf("Only the first %d MB of its text were read.", limit>>20),
		Params:  map[string]any{"megabytes": limit >> 20}}
}

func NoticePartlyRead() appliance.Notice {
	return appliance.Notice{Code: "partly_read",
		Message: "A part of this file is damaged. The rest was read."}
}

func NoticeEncodingUnsure() appliance.Notice {
	return appliance.Notice{Code: "encoding_unsure",
		Message: "Some letters of this text may be wrong, because the file does not say how its letters are written. " +
			"If so, open it on a computer, save it as UTF-8, and add it again."}
}

func NoticePicturesSkipped() appliance.Notice {
	return appliance.Notice{Code: "pictures_not_read",
		Message: "Text in pictures was not read, because tesseract is not installed on the box.",
		Params:  map[string]any{"tool": "tesseract"}}
}

func NoticeRecordingCut(seconds float64) appliance.Notice {
	return appliance.Notice{Code: "recording_truncated",
		Message: fmt.Sprintf("Only the first %d minutes were read.", int(seconds)/60),
		Params:  map[string]any{"minutes": int(seconds) / 60}}
}

// NoticeArticlesUnreadable says that articles of an archive were left out.
func NoticeArticlesUnreadable(count, of int) appliance.Notice {
	return appliance.Notice{Code: "articles_unreadable",
		Message: fmt.Sprintf("%d of %d articles could not be read: the archive is damaged.", count, of),
		Params:  map[string]any{"count": count, "of": of}}
}

func NoticeArchiveCut(have, want int64) appliance.Notice {
	return appliance.Notice{Code: "archive_short",
		Message: fmt.Sprintf("The archive was not copied completely: %d of %d MB are there.", have>>20, want>>20),
		Params:  map[string]any{"have": have >> 20, "want": want >> 20}}
}
