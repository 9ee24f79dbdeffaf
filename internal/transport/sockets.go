package transport

import (
	"errors"
	"net/http"
	"sync"
	"time"

	"github.com/gorilla/websocket"
	"github.com/olahol/melody"

	"github.com/bwenge-os/bwenge/internal/problem"
)

// Limits of one socket. With the 4 s that a message waits for room and
// closeFrameWait, a reader who takes nothing is gone after 5 s.
const (
	maxFrame       = 64 << 10         // bytes of a client's message
	queuedFrames   = 64               // messages waiting for a reader
	writeWait      = 5 * time.Second  // one write to a reader who takes nothing
	closeFrameWait = time.Second      // for the close frame to leave
	closeWait      = 2 * time.Second  // for the client to answer it
	pingPeriod     = 25 * time.Second // below what access points and NATs forget after
	pongWait       = 60 * time.Second
	framesPerSec   = 20
	maxPerSession  = 6 // sockets that one sign-in holds open: some tabs, and some that are being left
)

// socketKey is where a melody session keeps its socket.
const socketKey = "socket"

// Hub is a socket endpoint: every open socket, and melody, which moves their
// bytes. Of melody's defaults these are changed, each for a reason: origins are
// checked; a full queue closes the socket instead of dropping messages; a panic
// in a handler closes the socket instead of leaking it.
type Hub struct {
	server *Server
	policy Policy
	open   func(*Socket) (receive func(message []byte))
	melody *melody.Melody

	mu         sync.Mutex
	closed     bool
	sockets    map[*Socket]struct{}
	perAddress map[string]int
	perSession map[string]int
	count      int
	serving    sync.WaitGroup
}

// Sockets serves a socket endpoint, by the policy "GET " and its path. open is
// called for each new socket and returns what takes its messages, in order and
// without waiting.
func (s *Server) Sockets(path string, open func(*Socket) (receive func(message []byte))) *Hub {
	policy, ok := s.cfg.Policies["GET "+path]
	if !ok {
		panic("socket " + path + " has no policy")
	}
	hub := &Hub{server: s, policy: policy, open: open, sockets: map[*Socket]struct{}{}, perAddress: map[string]int{}, perSession: map[string]int{}}
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
			WriteProblem(w, r, statusError{status, problem.New(problem.Invalid, "not_a_socket",
				"This address is for chat sockets only.", "Open the box's page and ask there.", reason)})
		},
	}
	m.HandleConnect(guarded(func(c *Socket, s *melody.Session) { hub.opened(c, s) }))
	m.HandleMessage(guardedMessage((*Socket).received))
	m.HandleMessageBinary(guardedMessage(func(c *Socket, _ []byte) {
		c.Close(websocket.CloseUnsupportedData, "text messages only")
	}))
	m.HandleSentMessage(guardedMessage(func(c *Socket, _ []byte) { c.sent() }))
	m.HandleError(func(s *melody.Session, err error) {
		// send keeps within the queue, so this is a second lock as well.
		if c := socketOf(s); c != nil && errors.Is(err, melody.ErrMessageBufferFull) {
			c.Close(websocket.CloseTryAgainLater, "too slow")
		}
	})
	hub.melody = m
	s.hubs = append(s.hubs, hub)
	s.mux.HandleFunc(path, hub.serve)
	return hub
}

func socketOf(s *melody.Session) *Socket {
	v, _ := s.Get(socketKey)
	c, _ := v.(*Socket)
	return c
}

// guarded runs a handler so that its panic closes the socket. Out of melody's
// own goroutines it would end the box; out of its read loop it would leave the
// session registered for ever.
func guarded(handle func(*Socket, *melody.Session)) func(*melody.Session) {
	return func(s *melody.Session) {
		c := socketOf(s)
		defer c.recoverPanic()
		handle(c, s)
	}
}

func guardedMessage(handle func(*Socket, []byte)) func(*melody.Session, []byte) {
	return func(s *melody.Session, message []byte) {
		c := socketOf(s)
		defer c.recoverPanic()
		handle(c, message)
	}
}

// serve upgrades a request and stays until its socket is closed and everything
// that ran for it is gone.
func (hub *Hub) serve(w http.ResponseWriter, r *http.Request) {
	// A socket changes things, so a foreign page must not open one; sameSite has
	// seen to that. It is let in like any other request.
	if err := hub.server.admit(r, hub.policy); err != nil {
		WriteProblem(w, r, err)
		return
	}
	address, session := Address(r), CallerOf(r.Context()).Session
	if err := hub.enter(address, session); err != nil {
		WriteProblem(w, r, err)
		return
	}
	defer hub.leave(address, session)
	c := newSocket(r, hub.server.times.SocketIdle)
	c.receive = hub.open(c)
	defer c.end()
	defer hub.forget(c)
	defer hub.server.live.add(c.caller, func() { hub.signedOut(c) })()
	// An error means that the upgrade failed, which the Upgrader has answered.
	_ = hub.melody.HandleRequestWithKeys(w, r, map[string]any{socketKey: c})
}

func (hub *Hub) enter(address, session string) error {
	hub.mu.Lock()
	defer hub.mu.Unlock()
	switch {
	case hub.closed:
		return errStopping
	case hub.count >= hub.server.cfg.MaxSockets, hub.perAddress[address] >= hub.server.cfg.MaxSocketsPerAddress,
		session != "" && hub.perSession[session] >= maxPerSession:
		return problem.New(problem.Busy, "too_many_sockets",
			"Too many pages are connected to the box.", "Close other tabs, or try again in a moment.", nil)
	}
	hub.count++
	hub.perAddress[address]++
	hub.perSession[session]++
	hub.serving.Add(1)
	return nil
}

func (hub *Hub) leave(address, session string) {
	hub.mu.Lock()
	defer hub.mu.Unlock()
	hub.count--
	if hub.perAddress[address]--; hub.perAddress[address] == 0 {
		delete(hub.perAddress, address)
	}
	if hub.perSession[session]--; hub.perSession[session] == 0 {
		delete(hub.perSession, session)
	}
	hub.serving.Done()
}

func (hub *Hub) opened(c *Socket, s *melody.Session) {
	c.session = s
	hub.mu.Lock()
	hub.sockets[c] = struct{}{}
	closed := hub.closed
	hub.mu.Unlock()
	if closed { // between enter and here
		c.Close(websocket.CloseGoingAway, "the box is shutting down")
	}
}

// CloseSignedOut is the close code of a socket whose session has ended.
const CloseSignedOut = 4401

func (hub *Hub) signedOut(c *Socket) {
	hub.mu.Lock()
	_, open := hub.sockets[c]
	hub.mu.Unlock()
	if open {
		c.Close(CloseSignedOut, "signed out")
	}
	c.cancel()
}

func (hub *Hub) forget(c *Socket) {
	hub.mu.Lock()
	defer hub.mu.Unlock()
	delete(hub.sockets, c)
}

// Count is how many sockets are open, or closing.
func (hub *Hub) Count() int {
	hub.mu.Lock()
	defer hub.mu.Unlock()
	return hub.count
}

// Wait waits until no socket is left.
func (hub *Hub) Wait() { hub.serving.Wait() }

// close says goodbye on every socket and waits until all are gone.
func (hub *Hub) close() {
	hub.mu.Lock()
	hub.closed = true
	var goodbyes sync.WaitGroup
	for c := range hub.sockets {
		goodbyes.Go(func() { c.Close(websocket.CloseGoingAway, "the box is shutting down") })
	}
	hub.mu.Unlock()
	goodbyes.Wait()
	hub.serving.Wait()
}
