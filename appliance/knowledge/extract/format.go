package extract

import "github.com/bwenge-os/bwenge/appliance"

// format is a kind of file that has its own reader.
type format string

const (
	formatPDF      format = "pdf"
	formatDOCX     format = "docx"
	formatPPTX     format = "pptx"
	formatXLSX     format = "xlsx"
	formatODT      format = "odt"
	formatODP      format = "odp"
	formatODS      format = "ods"
	formatEPUB     format = "epub"
	formatRTF      format = "rtf"
	formatHTML     format = "html"
	formatMarkdown format = "markdown"
	formatText     format = "text"
	formatCSV      format = "csv"
	formatSRT      format = "srt"
	formatVTT      format = "vtt"
	formatMHTML    format = "mhtml"
	formatMail     format = "mail"
	formatPNG      format = "png"
	formatJPEG     format = "jpeg"
	formatGIF      format = "gif"
	formatWebP     format = "webp"
	formatBMP      format = "bmp"
	formatTIFF     format = "tiff"
	formatWAV      format = "wav"
	formatMP3      format = "mp3"
	formatAAC      format = "aac"
	formatFLAC     format = "flac"
	formatOGG      format = "ogg"
	formatAMR      format = "amr"
	formatM4A      format = "m4a"
	formatMP4      format = "mp4"
	formatMOV      format = "mov"
	formatAVI      format = "avi"
	formatMKV      format = "mkv"
	formatWebM     format = "webm"
	formatZIM      format = "zim"
)

// traits say what there is to know of a format. Exactly one of read and
// demuxer is set: demuxer is ffmpeg's name of the only reader it may use.
type traits struct {
	kind      appliance.Kind
	mediaType string
	read      func(*job) error
	demuxer   string
}

// formats is the list of everything that the box reads.
var formats map[format]traits

func init() { // not a literal: the readers refer back to it
	const (
		ooxml = "application/vnd.openxmlformats-officedocument."
		odf   = "application/vnd.oasis.opendocument."
	)
	formats = map[format]traits{
		formatPDF:      {appliance.KindPDF, "application/pdf", readPDF, ""},
		formatDOCX:     {appliance.KindDoc, ooxml + "wordprocessingml.document", readDOCX, ""},
		formatPPTX:     {appliance.KindDeck, ooxml + "presentationml.presentation", readPPTX, ""},
		formatXLSX:     {appliance.KindSheet, ooxml + "spreadsheetml.sheet", readXLSX, ""},
		formatODT:      {appliance.KindDoc, odf + "text", readODF, ""},
		formatODP:      {appliance.KindDeck, odf + "presentation", readODF, ""},
		formatODS:      {appliance.KindSheet, odf + "spreadsheet", readODS, ""},
		formatEPUB:     {appliance.KindBook, "application/epub+zip", readEPUB, ""},
		formatRTF:      {appliance.KindDoc, "application/rtf", readRTF, ""},
		formatHTML:     {appliance.KindPage, "text/html", readHTML, ""},
		formatMarkdown: {appliance.KindText, "text/markdown", readMarkdown, ""},
		formatText:     {appliance.KindText, "text/plain", readText, ""},
		formatCSV:      {appliance.KindSheet, "text/csv", readCSV, ""},
		formatSRT:      {appliance.KindText, "application/x-subrip", readSubtitles, ""},
		formatVTT:      {appliance.KindText, "text/vtt", readSubtitles, ""},
		formatMHTML:    {appliance.KindPage, "multipart/related", readMail, ""},
		formatMail:     {appliance.KindText, "message/rfc822", readMail, ""},
		formatPNG:      {appliance.KindImage, "image/png", readImage, ""},
		formatJPEG:     {appliance.KindImage, "image/jpeg", readImage, ""},
		formatGIF:      {appliance.KindImage, "image/gif", readImage, ""},
		formatWebP:     {appliance.KindImage, "image/webp", readImage, ""},
		formatBMP:      {appliance.KindImage, "image/bmp", readImage, ""},
		formatTIFF:     {appliance.KindImage, "image/tiff", readImage, ""},
		formatWAV:      {appliance.KindAudio, "audio/wav", nil, "wav"},
		formatMP3:      {appliance.KindAudio, "audio/mpeg", nil, "mp3"},
		formatAAC:      {appliance.KindAudio, "audio/aac", nil, "aac"},
		formatFLAC:     {appliance.KindAudio, "audio/flac", nil, "flac"},
		formatOGG:      {appliance.KindAudio, "audio/ogg", nil, "ogg"},
		formatAMR:      {appliance.KindAudio, "audio/amr", nil, "amr"},
		formatM4A:      {appliance.KindAudio, "audio/mp4", nil, "mov"},
		formatMP4:      {appliance.KindVideo, "video/mp4", nil, "mov"},
		formatMOV:      {appliance.KindVideo, "video/quicktime", nil, "mov"},
		formatAVI:      {appliance.KindVideo, "video/x-msvideo", nil, "avi"},
		formatMKV:      {appliance.KindVideo, "video/x-matroska", nil, "matroska"},
		formatZIM:      {appliance.KindArchive, "application/x-zim", readZIM, ""},
		formatWebM:     {appliance.KindVideo, "video/webm", nil, "matroska"},
	}
}

// byMediaType maps what the magic numbers say to a format. What is not here is
// not read.
var byMediaType = map[string]format{
	"text/html":       formatHTML,
	"text/rtf":        formatRTF,
	"application/rtf": formatRTF,
	"image/png":       formatPNG,
	"image/jpeg":      formatJPEG,
	"image/gif":       formatGIF,
	"image/webp":      formatWebP,
	"image/bmp":       formatBMP,
	"image/tiff":      formatTIFF,
	"audio/mpeg":      formatMP3,
	"audio/aac":       formatAAC,
	"audio/flac":      formatFLAC,
	"audio/ogg":       formatOGG,
	"video/ogg":       formatOGG,
	"application/ogg": formatOGG,
	"audio/amr":       formatAMR,
}
