package httpd

import (
	"context"
	"sync"
	"sync/atomic"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/internal/problem"
	"github.com/bwenge-os/bwenge/internal/transport"
)

// chat is one client on the chat socket. Each answer that it follows runs beside
// its read loop.
type chat struct {
	*transport.Socket
	server *Server
	tutor  Tutor
	who    appliance.Principal

	mu      sync.Mutex
	follows map[string]*follow // by question id
}

// maxFollows is how many answers are followed at once on one socket.
const maxFollows = 4

// follow is an answer that goes out on a socket.
type follow struct {
	cancel    context.CancelFunc
	done      chan struct{}
	asked     atomic.Bool // the tutor knows the question
	cancelled atomic.Bool // the client does not want the answer any more
}

// openChat takes the messages of a new socket.
func (s *Server) openChat(socket *transport.Socket) (receive func(message []byte)) {
	c := &chat{Socket: socket, server: s, tutor: s.tutor, who: principalOf(socket.Context()), follows: map[string]*follow{}}
	return c.receive
}

// receive handles one message of the client, in order.
func (c *chat) receive(message []byte) {
	f, err := parseFrame(message)
	if err == nil && f.Type == frameAsk {
		// So that a bad question does not disturb one that runs under its id.
		_, err = appliance.CleanQuestion(f.Data.Text)
	}
	if err == nil {
		err = c.server.Allowed(c.Caller(), "frame "+f.Type)
	}
	if err != nil {
		c.fail(f.Request, err)
		return
	}
	switch f.Type {
	case framePing:
		c.Reply(ServerFrame{V: frameVersion, Type: framePong, Request: f.Request, Data: struct{}{}})
	case frameCancel:
		c.cancelAnswer(f.Request)
	default:
		c.start(f)
	}
}

// start follows an answer in a goroutine. A question that is followed already
// on this socket is followed anew, never twice.
func (c *chat) start(f clientFrame) {
	ctx, cancel := context.WithCancel(c.Context())
	this := &follow{cancel: cancel, done: make(chan struct{})}
	c.mu.Lock()
	before := c.follows[f.Request]
	full := before == nil && len(c.follows) >= maxFollows
	if !full {
		c.follows[f.Request] = this
	}
	c.mu.Unlock()
	if full {
		cancel()
		c.fail(f.Request, problem.New(problem.Busy, "too_many_questions",
			"Too many questions are open on this page.", "Wait for an answer, then ask again.", nil))
		return
	}
	c.Go(func() {
		defer c.finish(f.Request, this)
		if before != nil {
			before.cancel()
			<-before.done
		}
		c.follow(ctx, this, f)
	})
}

func (c *chat) finish(request string, this *follow) {
	this.cancel()
	c.mu.Lock()
	if c.follows[request] == this {
		delete(c.follows, request)
	}
	c.mu.Unlock()
	close(this.done)
}

func (c *chat) follow(ctx context.Context, this *follow, f clientFrame) {
	var run Run
	// A socket stays open for hours, and classes change meanwhile.
	who, err := c.server.auth.Now(ctx, c.who)
	switch {
	case err != nil:
	case f.Type == frameAsk:
		run, err = c.tutor.Ask(ctx, who, question(f.Request, f.Data.Conversation, f.Data.Persona, f.Data.Text))
	default:
		run, err = c.tutor.Resume(ctx, who, f.Request)
	}
	if err == nil {
		this.asked.Store(true)
		if this.cancelled.Load() {
			c.tutor.Cancel(c.who, f.Request)
		}
		err = run.Follow(ctx, f.Data.After, func(e appliance.Event) error {
			return c.Send(ctx, eventFrame(f.Request, e))
		})
	}
	if err != nil && ctx.Err() == nil {
		c.sendProblem(ctx, f.Request, err)
	}
}

// cancelAnswer stops an answer for everybody, also one that the tutor is only
// just being asked for.
func (c *chat) cancelAnswer(request string) {
	c.mu.Lock()
	this := c.follows[request]
	c.mu.Unlock()
	if this != nil {
		this.cancelled.Store(true)
		if !this.asked.Load() {
			return // follow sees cancelled once it has asked
		}
	}
	c.tutor.Cancel(c.who, request)
}

func (c *chat) fail(request string, err error) { c.Reply(c.problemFrame(request, err)) }

func (c *chat) sendProblem(ctx context.Context, request string, err error) {
	_ = c.Send(ctx, c.problemFrame(request, err)) // a client that left needs no error
}

// problemFrame is an error outside an answer's events: its seq is 0.
func (c *chat) problemFrame(request string, err error) ServerFrame {
	return ServerFrame{
		V: frameVersion, Type: appliance.EventError, Request: request,
		Data: transport.Shown(c.Context(), err),
	}
}
