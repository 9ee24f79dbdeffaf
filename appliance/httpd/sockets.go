package httpd

import (
	"errors"
	"log/slog"
	"net/http"
	"runtime/debug"
	"sync"
	"time"

	"github.com/gorilla/websocket"
	"github.com/olahol/melody"

	"github.com/bwenge-os/bwenge/internal/problem"
)

// Limits of one chat socket.
const (
	maxFrame       = 64 << 10         // bytes of a client's message
	queuedFrames   = 64               // messages waiting for a reader
	writeWait      = 5 * time.Second  // one write to a reader who takes nothing
	defaultSlow    = 4 * time.Second  // for room in the queue; with closeFrameWait 5 s in all
	closeFrameWait = time.Second      // for the close frame to leave
	closeWait      = 2 * time.Second  // for the client to answer it
	pingPeriod     = 25 * time.Second // below what access points and NATs forget after
	pongWait       = 60 * time.Second
	framesPerSec   = 20
	maxFollows     = 4 // answers followed at once on one socket
)

// socketKey is where a melody session keeps its socket.
const socketKey = "socket"

// sockets is the chat endpoint: every open socket, and melody, which moves
// their bytes. Of melody's defaults these are changed, each for a reason:
// origins are checked; a full queue closes the socket instead of dropping
// messages; a panic in a handler closes the socket instead of leaking it.
type sockets struct {
	server *Server
	melody *melody.Melody
	slow   time.Duration // how long an answer waits for room in a reader's queue

	mu         sync.Mutex
	closed     bool
	open       map[*socket]struct{}
	perAddress map[string]int
	count      int
	serving    sync.WaitGroup
}

func newSockets(server *Server) *sockets {
	hub := &sockets{server: server, slow: defaultSlow, open: map[*socket]struct{}{}, perAddress: map[string]int{}}
	m := melody.New()
	m.Config.WriteWait = writeWait
	m.Config.PongWait = pongWait
	m.Config.PingPeriod = pingPeriod
	m.Config.MaxMessageSize = maxFrame
	m.Config.MessageBufferSize = queuedFrames
	m.Upgrader = &websocket.Upgrader{
		HandshakeTimeout: 5 * time.Second,
		ReadBufferSize:   1 << 10,
		WriteBufferSize:  4 << 10,
		CheckOrigin:      sameOrigin, // checked before; a second lock costs nothing
		Error: func(w http.ResponseWriter, r *http.Request, status int, reason error) {
			writeProblem(w, r, statusError{status, problem.New(problem.Invalid, "not_a_socket",
				"This address is for chat sockets only.", "Open the box's page and ask there.", reason)})
		},
	}
	m.HandleConnect(guarded(func(c *socket, s *melody.Session) { hub.opened(c, s) }))
	m.HandleMessage(guardedMessage((*socket).receive))
	m.HandleMessageBinary(guardedMessage(func(c *socket, _ []byte) {
		c.shut(websocket.CloseUnsupportedData, "text messages only")
	}))
	m.HandleSentMessage(guardedMessage(func(c *socket, _ []byte) { c.sent() }))
	m.HandleError(func(s *melody.Session, err error) {
		// send keeps within the queue, so this is a second lock as well.
		if c := socketOf(s); c != nil && errors.Is(err, melody.ErrMessageBufferFull) {
			c.shut(websocket.CloseTryAgainLater, "too slow")
		}
	})
	hub.melody = m
	return hub
}

func socketOf(s *melody.Session) *socket {
	v, _ := s.Get(socketKey)
	c, _ := v.(*socket)
	return c
}

// guarded runs a handler so that its panic closes the socket. Out of melody's
// own goroutines it would end the box; out of its read loop it would leave the
// session registered for ever.
func guarded(handle func(*socket, *melody.Session)) func(*melody.Session) {
	return func(s *melody.Session) {
		c := socketOf(s)
		defer c.recoverPanic()
		handle(c, s)
	}
}

func guardedMessage(handle func(*socket, []byte)) func(*melody.Session, []byte) {
	return func(s *melody.Session, message []byte) {
		c := socketOf(s)
		defer c.recoverPanic()
		handle(c, message)
	}
}

func (c *socket) recoverPanic() {
	if what := recover(); what != nil {
		c.log.Error("panic", slog.Any("panic", what), slog.String("stack", string(debug.Stack())))
		c.shut(websocket.CloseInternalServerErr, "internal error")
	}
}

// serve upgrades a request and stays until its socket is closed and everything
// that ran for it is gone.
func (hub *sockets) serve(w http.ResponseWriter, r *http.Request) {
	// A socket changes things, so a foreign page must not open one; guard has
	// seen to that. It is let in like any other request.
	if err := hub.server.admit(r, policies["GET /ws/chat"]); err != nil {
		writeProblem(w, r, err)
		return
	}
	address := hub.server.address(r)
	if err := hub.enter(address); err != nil {
		writeProblem(w, r, err)
		return
	}
	defer hub.leave(address)
	c := newSocket(r, hub.server.parts.Tutor, hub.slow)
	defer c.end()
	defer hub.forget(c)
	defer hub.server.live.add(c.who.Session, func() { hub.signedOut(c) })()
	// An error means that the upgrade failed, which the Upgrader has answered.
	_ = hub.melody.HandleRequestWithKeys(w, r, map[string]any{socketKey: c})
}

func (hub *sockets) enter(address string) error {
	hub.mu.Lock()
	defer hub.mu.Unlock()
	switch {
	case hub.closed:
		return errStopping
	case hub.count >= hub.server.cfg.MaxSockets, hub.perAddress[address] >= hub.server.cfg.MaxSocketsPerAddress:
		return problem.New(problem.Busy, "too_many_sockets",
			"Too many pages are connected to the box.", "Close other tabs, or try again in a moment.", nil)
	}
	hub.count++
	hub.perAddress[address]++
	hub.serving.Add(1)
	return nil
}

func (hub *sockets) leave(address string) {
	hub.mu.Lock()
	defer hub.mu.Unlock()
	hub.count--
	if hub.perAddress[address]--; hub.perAddress[address] == 0 {
		delete(hub.perAddress, address)
	}
	hub.serving.Done()
}

func (hub *sockets) opened(c *socket, s *melody.Session) {
	c.session = s
	hub.mu.Lock()
	hub.open[c] = struct{}{}
	closed := hub.closed
	hub.mu.Unlock()
	if closed { // between enter and here
		c.shut(websocket.CloseGoingAway, "the box is shutting down")
	}
}

// closeSignedOut is the close code of a socket whose session has ended.
const closeSignedOut = 4401

func (hub *sockets) signedOut(c *socket) {
	hub.mu.Lock()
	_, open := hub.open[c]
	hub.mu.Unlock()
	if open {
		c.shut(closeSignedOut, "signed out")
	}
	c.cancel()
}

func (hub *sockets) forget(c *socket) {
	hub.mu.Lock()
	defer hub.mu.Unlock()
	delete(hub.open, c)
}

// close says goodbye on every socket and waits until all are gone.
func (hub *sockets) close() {
	hub.mu.Lock()
	hub.closed = true
	var goodbyes sync.WaitGroup
	for c := range hub.open {
		goodbyes.Go(func() { c.shut(websocket.CloseGoingAway, "the box is shutting down") })
	}
	hub.mu.Unlock()
	goodbyes.Wait()
	hub.serving.Wait()
}
