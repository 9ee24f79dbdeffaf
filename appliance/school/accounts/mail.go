package accounts

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"mime"
	"net"
	"net/smtp"
	"net/url"
	"strings"
	"time"
)

// SMTP sends e-mails by a mail server, with TLS where the server offers it.
type SMTP struct {
	addr, from string
	auth       smtp.Auth
	patience   time.Duration
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
	m := &SMTP{addr: net.JoinHostPort(u.Hostname(), port), from: u.Query().Get("from"), patience: mailTime}
	if password, ok := u.User.Password(); ok {
		m.auth = smtp.PlainAuth("", u.User.Username(), password, u.Hostname())
	}
	if m.from == "" {
		m.from = u.User.Username()
	}
	return m, nil
}

// mailTime bounds one e-mail, from dialling to its end: somebody waits for it.
const mailTime = 30 * time.Second

// Send sends a plain text.
func (m *SMTP) Send(ctx context.Context, to, subject, text string) error {
	if strings.ContainsAny(to+subject, "\r\n") {
		return fmt.Errorf("an address or subject of several lines")
	}
	message := "From: " + m.from + "\r\nTo: " + to + "\r\nSubject: " + mime.QEncoding.Encode("utf-8", subject) +
		"\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n" +
		strings.ReplaceAll(text, "\n", "\r\n")
	return m.deliver(ctx, to, []byte(message))
}

// deliver is smtp.SendMail with an end: a server that says nothing must not hold
// whoever invites.
func (m *SMTP) deliver(ctx context.Context, to string, message []byte) error {
	ctx, cancel := context.WithTimeout(ctx, m.patience)
	defer cancel()
	var d net.Dialer
	conn, err := d.DialContext(ctx, "tcp", m.addr)
	if err != nil {
		return err
	}
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	host, _, _ := net.SplitHostPort(m.addr)
	c, err := smtp.NewClient(conn, host)
	if err != nil {
		return errors.Join(err, ctx.Err(), conn.Close())
	}
	defer c.Close()
	return errors.Join(m.say(c, host, to, message), ctx.Err())
}

func (m *SMTP) say(c *smtp.Client, host, to string, message []byte) error {
	if ok, _ := c.Extension("STARTTLS"); ok {
		if err := c.StartTLS(&tls.Config{ServerName: host}); err != nil {
			return err
		}
	}
	if m.auth != nil {
		if ok, _ := c.Extension("AUTH"); !ok {
			return errors.New("the mail server takes no password")
		}
		if err := c.Auth(m.auth); err != nil {
			return err
		}
	}
	if err := c.Mail(m.from); err != nil {
		return err
	}
	if err := c.Rcpt(to); err != nil {
		return err
	}
	w, err := c.Data()
	if err != nil {
		return err
	}
	if _, err := w.Write(message); err != nil {
		return err
	}
	if err := w.Close(); err != nil {
		return err
	}
	return c.Quit()
}
