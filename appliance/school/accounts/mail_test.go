package accounts

import (
	"bufio"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"
)

// mailServer answers one client with say, and returns its address.
func mailServer(t *testing.T, say func(net.Conn)) string {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ln.Close() })
	go func() {
		conn, err := ln.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		say(conn)
	}()
	return "smtp://" + ln.Addr().String() + "?from=box@school"
}

// A mail server that takes the call and says nothing holds nobody for ever.
func TestASilentMailServerIsGivenUp(t *testing.T) {
	hold := make(chan struct{})
	defer close(hold)
	m, err := NewSMTP(mailServer(t, func(net.Conn) { <-hold }))
	if err != nil {
		t.Fatal(err)
	}
	if m.patience != mailTime {
		t.Error("a mail may take", m.patience)
	}
	m.patience = 10 * time.Millisecond
	if err := m.Send(t.Context(), "head@school", "Invitation", "Come."); err == nil {
		t.Error("sent to a server that says nothing")
	}
}

func TestMailArrives(t *testing.T) {
	got := make(chan string, 1)
	m, err := NewSMTP(mailServer(t, func(conn net.Conn) {
		lines := bufio.NewReader(conn)
		var mail strings.Builder
		fmt.Fprint(conn, "220 hello\r\n")
		for data := false; ; {
			line, err := lines.ReadString('\n')
			switch {
			case err != nil:
				return
			case data && line == ".\r\n":
				data = false
				got <- mail.String()
				fmt.Fprint(conn, "250 taken\r\n")
			case data:
				mail.WriteString(line)
			case strings.HasPrefix(line, "DATA"):
				data = true
				fmt.Fprint(conn, "354 go on\r\n")
			case strings.HasPrefix(line, "QUIT"):
				fmt.Fprint(conn, "221 bye\r\n")
				return
			default:
				fmt.Fprint(conn, "250 fine\r\n")
			}
		}
	}))
	if err != nil {
		t.Fatal(err)
	}
	if err := m.Send(t.Context(), "head@school", "Invitation", "Come.\nSoon."); err != nil {
		t.Fatal(err)
	}
	if mail := <-got; !strings.Contains(mail, "To: head@school\r\n") || !strings.Contains(mail, "Come.\r\nSoon.") {
		t.Errorf("%q", mail)
	}
}
