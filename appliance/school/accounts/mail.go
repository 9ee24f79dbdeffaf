package accounts

import (
	"context"
	"fmt"
	"mime"
	"net"
	"net/smtp"
	"net/url"
	"strings"
)

// SMTP sends e-mails by a mail server, with TLS where the server offers it.
type SMTP struct {
	addr, from string
	auth       smtp.Auth
}

// NewSMTP reads smtp://user:password@host:port?from=address.
func NewSMTP(address string) (*SMTP, error) {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "smtp" || u.Hostname() == "" {
		return nil, fmt.Errorf("the mail server's address is not like smtp://user:password@host:port")
	}
	port := u.Port()
	if port == "" {
		port = "587"
	}
	m := &SMTP{addr: net.JoinHostPort(u.Hostname(), port), from: u.Query().Get("from")}
	if password, ok := u.User.Password(); ok {
		m.auth = smtp.PlainAuth("", u.User.Username(), password, u.Hostname())
	}
	if m.from == "" {
		m.from = u.User.Username()
	}
	return m, nil
}

// Send sends a plain text.
func (m *SMTP) Send(_ context.Context, to, subject, text string) error {
	if strings.ContainsAny(to+subject, "\r\n") {
		return fmt.Errorf("an address or subject of several lines")
	}
	message := "From: " + m.from + "\r\nTo: " + to + "\r\nSubject: " + mime.QEncoding.Encode("utf-8", subject) +
		"\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n" +
		strings.ReplaceAll(text, "\n", "\r\n")
	return smtp.SendMail(m.addr, m.auth, m.from, []string{to}, []byte(message))
}
