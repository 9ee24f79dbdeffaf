package extract

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"github.com/bwenge-os/bwenge/appliance"
)

func crlf(lines ...string) []byte { return []byte(strings.Join(lines, "\r\n")) }

func TestSavedPages(t *testing.T) {
	chrome := crlf("From: <Saved by Blink>", "Snapshot-Content-Location: http://x.test/", "Subject: =?utf-8?Q?Le_th=C3=A9?=",
		"Date: Mon, 2 Mar 2026 08:00:00 -0000", "MIME-Version: 1.0", "Content-Type: multipart/related;", "\ttype=\"text/html\";", "\tboundary=\"--B--\"", "", "",
		"----B--", "Content-Type: text/html", "Content-ID: <frame@mhtml.blink>", "Content-Transfer-Encoding: quoted-printable", "",
		"<html><head><meta charset=3D\"UTF-8\"></head><body><h1>Th=C3=A9</h1><p>Le th=C3=A9 pousse =", "=C3=A0 2000 m.</p></body></html>",
		"----B--", "Content-Type: text/css", "Content-Transfer-Encoding: quoted-printable", "", "p { color: red }",
		"----B--", "Content-Type: text/html", "Content-ID: <frame2@mhtml.blink>", "", "<p>Advertisement</p>",
		"----B--", "Content-Type: image/png", "Content-Transfer-Encoding: binary", "Content-Location: http://x.test/a.png", "", "\x89PNG\x00\x00\x01\x02",
		"----B----", "")
	f := readBytes(t, chrome)
	wantWhole(t, f, "Le thé pousse à 2000 m.")
	if f.Kind != appliance.KindPage || f.MediaType != "multipart/related" || f.sections[0].Heading != "Thé" {
		t.Errorf("%+v %+v", f.Info, f.sections)
	}
	// Internet Explorer and Word: a charset in the head, or only in the page.
	for name, head := range map[string]string{"in the head": "Content-Type: text/html;\r\n\tcharset=\"windows-1252\"", "in the page": "Content-Type: text/html"} {
		meta := ""
		if name == "in the page" {
			meta = `<meta http-equiv=3DContent-Type content=3D"text/html; charset=3Dwindows-1252">`
		}
		ie := crlf("From: \"Saved by Windows Internet Explorer 8\"", "Subject: x", "MIME-Version: 1.0",
			"Content-Type: multipart/related; type=\"text/html\"; boundary=\"----=_N_1\"", "", "This is a multi-part message in MIME format.", "",
			"------=_N_1", head, "Content-Transfer-Encoding: quoted-printable", "Content-Location: file:///C:/x.htm", "",
			meta+"<h1>Caf=E9</h1><p>10<sup>3</sup> caf=E9iers =97 c=92est assez.", "", "------=_N_1", "Content-Location: file:///C:/x/image001.gif",
			"Content-Transfer-Encoding: base64", "Content-Type: image/gif", "", "R0lGODlh", "------=_N_1--")
		t.Run(name, func(t *testing.T) { wantWhole(t, readBytes(t, ie), "10³ caféiers — c’est assez.") })
	}
}

func TestMails(t *testing.T) {
	doc := base64.StdEncoding.EncodeToString(makeDOCX(t, wp("Homework", "x")+wp("Read page nine.")))
	data := crlf("Return-Path: <a@x.test>", "Received: from x by y;", " Mon, 2 Mar 2026 10:00:00 +0200", "From: =?iso-8859-1?Q?Ren=E9e?= <r@x.test>", "To: c@x.test",
		"Subject: =?utf-8?B?w4lsw6h2ZXM=?= de P6", "Date: Mon, 2 Mar 2026 10:00:00 +0200", "MIME-Version: 1.0", "Content-Type: multipart/mixed; boundary=m", "",
		"--m", "Content-Type: multipart/alternative; boundary=a", "",
		"--a", "Content-Type: text/plain; charset=utf-8", "", "plain form",
		"--a", "Content-Type: multipart/related; boundary=r", "", "--r", "Content-Type: text/html; charset=iso-8859-1", "Content-Transfer-Encoding: quoted-printable", "",
		"<p>Chers =E9l=E8ves,</p><ol><li>lisez<li>=E9crivez</ol>", "--r", "Content-Type: image/png", "Content-ID: <i>", "", "x", "--r--",
		"--a--",
		"--m", "Content-Type: application/octet-stream; name=\"devoir.docx\"", "Content-Disposition: attachment; filename=\"devoir.docx\"", "Content-Transfer-Encoding: base64", "", doc,
		"--m", "Content-Type: audio/mpeg", "Content-Disposition: attachment; filename=song.mp3", "", "ID3\x03\x00\x00\x00\x00\x00\x00",
		"--m--")
	f := readBytes(t, data)
	wantText(t, f, "From: Renée <r@x.test>\nDate: 2026-03-02 10:00", "Chers élèves,\n1. lisez\n2. écrivez", "[attachment: devoir.docx]", "Read page nine.", "[attachment: song.mp3]")
	if strings.Contains(f.text(), "plain form") || f.MediaType != "message/rfc822" || f.Kind != appliance.KindText {
		t.Errorf("%+v: %s", f.Info, f.text())
	}
	if h := f.section(t, "Chers").Heading; h != "Élèves de P6" {
		t.Errorf("heading %q", h)
	}
	if h := f.section(t, "Read page nine").Heading; h != "Élèves de P6 › devoir.docx" {
		t.Errorf("heading %q", h)
	}
	if f.Counts["embedded"] != 1 || f.Counts["embedded_lost"] != 1 {
		t.Errorf("counts %v", f.Counts)
	}
	f = readBytes(t, crlf("From: a@x.test", "Subject: Bees", "MIME-Version: 1.0", "Content-Type: multipart/alternative; boundary=q", "",
		"--q", "Content-Type: text/plain; charset=windows-1252", "", "A queen\x92s day.", "", "She rests.", "--q", "Content-Type: text/calendar", "", "BEGIN:VCALENDAR", "--q--"))
	wantText(t, f, "A queen’s day.\n\nShe rests.")
	f = readBytes(t, crlf("Date: Mon, 2 Mar 2026 10:00:00 +0200", "From: a@x.test", "Subject: old", "", "No MIME here,", "only words."))
	wantText(t, f, "From: a@x.test\nDate: 2026-03-02 10:00\n\nNo MIME here,\nonly words.")
}

func TestLettersAreNoMails(t *testing.T) {
	for _, text := range []string{"From: the headmaster\nTo all parents\n\nSchool begins.", "Note: bring pens\nDate: Monday\n\nBye", "Subject: maths\nMarks: 12\n"} {
		if info, err := Detect(write(t, []byte(text))); err != nil || info.MediaType != "text/plain" {
			t.Errorf("%q: %+v, %v", text, info, err)
		}
	}
}

func TestHostileMails(t *testing.T) {
	head := "From: a@x.test\r\nTo: b@x.test\r\nSubject: s\r\nMIME-Version: 1.0\r\n"
	nested := head
	for i := range 1000 {
		nested += fmt.Sprintf("Content-Type: multipart/mixed; boundary=b%d\r\n\r\nx\r\n--b%d\r\n", i, i)
	}
	messages := head + strings.Repeat("Content-Type: message/rfc822\r\n\r\nFrom: a@x.test\r\n", 1000)
	many := head + "Content-Type: multipart/mixed; boundary=b\r\n\r\n" + strings.Repeat("--b\r\nContent-Type: text/plain\r\n\r\nword\r\n", 20_000) + "--b--"
	self := "From: <Saved by Blink>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=b\r\n\r\n--b\r\nContent-Type: text/html\r\nContent-ID: <a>\r\n\r\n<p>once</p><iframe src=\"cid:a\"></iframe>\r\n--b--"
	var inner []byte = crlf("From: z@x.test", "Subject: in", "MIME-Version: 1.0", "Content-Type: text/plain", "", "innermost")
	for range 6 {
		inner = []byte(head + "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nouter\r\n--b\r\nContent-Type: application/x\r\nContent-Disposition: attachment; filename=m.eml\r\nContent-Transfer-Encoding: base64\r\n\r\n" +
			base64.StdEncoding.EncodeToString(inner) + "\r\n--b--")
	}
	for name, test := range map[string]struct {
		data []byte
		want string
		lost bool
	}{
		"nested":       {[]byte(nested + "Content-Type: text/plain\r\n\r\ndeep"), "From: a@x.test", true},
		"messages":     {[]byte(messages), "From: a@x.test", true},
		"many":         {[]byte(many), "word", true},
		"self":         {[]byte(self), "once", false},
		"files within": {inner, "outer", true},
		"cut":          {[]byte(many[:len(many)/2]), "word", true},
		"no boundary":  {[]byte(head + "Content-Type: multipart/mixed\r\n\r\nsome words"), "some words", false},
		"bad base64":   {[]byte(head + "Content-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\n\r\nd29yZHMgb2Yg!!!"), "words of", false},
		"bad charset":  {[]byte(head + "Content-Type: text/html; charset=klingon\r\n\r\n<p>caf\xe9"), "café", false},
		"big":          {append([]byte(head+"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nhello\r\n--b\r\nContent-Disposition: attachment; filename=x.bin\r\n\r\n"), bytes.Repeat([]byte("x"), 60<<20)...), "hello", true},
		"long header":  {[]byte(head + "X-A: " + strings.Repeat("y", 200_000) + "\r\n\r\nbody"), "body", false},
	} {
		t.Run(name, func(t *testing.T) {
			f := readBytes(t, test.data)
			wantText(t, f, test.want)
			if (f.Counts["embedded_lost"] > 0) != test.lost {
				t.Errorf("counts %v, notices %v", f.Counts, f.Notices)
			}
			if f.PeakRSS > costs*250<<20 {
				t.Errorf("the child took %d MB", f.PeakRSS>>20)
			}
		})
	}
}
