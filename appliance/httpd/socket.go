package httpd

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gorilla/websocket"
	"github.com/olahol/melody"
	"golang.org/x/time/rate"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/internal/problem"
)

// socket is one client on the chat endpoint. Its messages arrive in melody's
// read loop, which must not be held up; each answer that it follows has a
// goroutine of its own, which end waits for.
type socket struct {
	session *melody.Session // set before the first message
	tutor   Tutor
	slow    time.Duration
	who     appliance.Principal
	log     *slog.Logger
	ctx     context.Context // ends when the socket does
	cancel  context.CancelFunc
	rate    *rate.Limiter
	room    chan struct{} // one for each message in melody's queue

	running sync.WaitGroup
	mu      sync.Mutex
	follows map[string]*follow // by question id
	closing *time.Timer        // cuts the line of a client that does not answer our close
}

// follow is an answer that goes out on a socket.
type follow struct {
	cancel    context.CancelFunc
	done      chan struct{}
	asked     atomic.Bool // the tutor knows the question
	cancelled atomic.Bool // the client does not want the answer any more
}

var errSlow = errors.New("the client reads too slowly")

func newSocket(r *http.Request, tutor Tutor, slow time.Duration) *socket {
	ctx, cancel := context.WithCancel(r.Context())
	return &socket{
		tutor: tutor, slow: slow, who: principalOf(ctx), log: loggerOf(ctx), ctx: ctx, cancel: cancel,
		rate:    rate.NewLimiter(framesPerSec, framesPerSec),
		room:    make(chan struct{}, queuedFrames),
		follows: map[string]*follow{},
	}
}

// end waits until nothing runs for the socket any more. The read loop, which
// alone starts things, is over by then.
func (c *socket) end() {
	c.cancel()
	c.running.Wait()
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closing != nil {
		c.closing.Stop()
	}
}

// receive handles one message of the client, in order.
func (c *socket) receive(message []byte) {
	if c.ctx.Err() != nil {
		return // closing: what still comes is read only so that our close frame arrives
	}
	if !c.rate.Allow() {
		c.shut(websocket.ClosePolicyViolation, "too many messages")
		return
	}
	f, err := parseFrame(message)
	if err == nil && f.Type == frameAsk {
		// Checked here so that a bad question does not disturb one that runs.
		_, err = question(f.Request, f.Data.Conversation, f.Data.Persona, f.Data.Text)
	}
	if err != nil {
		c.fail(f.Request, err)
		return
	}
	if policy, policyErr := policyOfFrame(f.Type); policyErr != nil || c.who.Role.Rank() < policy.Least.Rank() {
		c.fail(f.Request, problem.New(problem.Forbidden, "role_too_low", "You may not do this.", "Ask a teacher.", policyErr))
		return
	}
	switch f.Type {
	case framePing:
		c.reply(ServerFrame{V: frameVersion, Type: framePong, Request: f.Request, Data: struct{}{}})
	case frameCancel:
		c.cancelAnswer(f.Request)
	default:
		c.start(f)
	}
}

// start follows an answer in a goroutine. A question that is followed already
// on this socket is followed anew, never twice.
func (c *socket) start(f clientFrame) {
	ctx, cancel := context.WithCancel(c.ctx)
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
	c.running.Go(func() {
		defer c.recoverPanic() // after the clean-up below, which a panic must not skip
		defer c.finish(f.Request, this)
		if before != nil {
			before.cancel()
			<-before.done
		}
		c.follow(ctx, this, f)
	})
}

func (c *socket) finish(request string, this *follow) {
	this.cancel()
	c.mu.Lock()
	if c.follows[request] == this {
		delete(c.follows, request)
	}
	c.mu.Unlock()
	close(this.done)
}

func (c *socket) follow(ctx context.Context, this *follow, f clientFrame) {
	var run Run
	var err error
	if f.Type == frameAsk {
		var q appliance.Question
		if q, err = question(f.Request, f.Data.Conversation, f.Data.Persona, f.Data.Text); err == nil {
			run, err = c.tutor.Ask(ctx, c.who, q)
		}
	} else {
		run, err = c.tutor.Resume(ctx, c.who, f.Request)
	}
	if err == nil {
		this.asked.Store(true)
		if this.cancelled.Load() {
			c.tutor.Cancel(c.who, f.Request)
		}
		err = run.Follow(ctx, f.Data.After, func(e appliance.Event) error {
			return c.send(ctx, eventFrame(f.Request, e))
		})
	}
	if err != nil && ctx.Err() == nil {
		c.sendProblem(ctx, f.Request, err)
	}
}

// cancelAnswer stops an answer for everybody, also one that the tutor is only
// just being asked for.
func (c *socket) cancelAnswer(request string) {
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

// send queues a message, waiting for room while the client reads: a resumed
// answer comes faster than any tablet takes it. A client that makes no room is
// disconnected, and resumes by seq; no message is ever left out.
func (c *socket) send(ctx context.Context, f ServerFrame) error {
	message, err := json.Marshal(f)
	if err != nil {
		return err
	}
	select {
	case c.room <- struct{}{}:
		return c.session.Write(message)
	default:
	}
	patience := time.NewTimer(c.slow)
	defer patience.Stop()
	select {
	case c.room <- struct{}{}:
		return c.session.Write(message)
	case <-ctx.Done():
		return ctx.Err()
	case <-patience.C:
		c.shut(websocket.CloseTryAgainLater, "too slow")
		return errSlow
	}
}

// reply queues a message from the read loop, which cannot wait.
func (c *socket) reply(f ServerFrame) {
	message, err := json.Marshal(f)
	if err != nil {
		c.log.Error("a frame cannot be written", slog.Any("error", err))
		return
	}
	select {
	case c.room <- struct{}{}:
		_ = c.session.Write(message) // fails only when the socket is closed
	default:
		c.shut(websocket.CloseTryAgainLater, "too slow")
	}
}

// sent makes room after a message has left.
func (c *socket) sent() {
	select {
	case <-c.room:
	default:
	}
}

func (c *socket) fail(request string, err error) { c.reply(c.problemFrame(request, err)) }

func (c *socket) sendProblem(ctx context.Context, request string, err error) {
	_ = c.send(ctx, c.problemFrame(request, err)) // a client that left needs no error
}

// problemFrame is an error outside an answer's events: its seq is 0.
func (c *socket) problemFrame(request string, err error) ServerFrame {
	return ServerFrame{
		V: frameVersion, Type: appliance.EventError, Request: request,
		Data: shownProblem(problemOf(c.ctx, err)),
	}
}

// shut ends the socket with a close frame that says why. It may be called from
// any goroutine and more than once.
func (c *socket) shut(code int, reason string) {
	conn := c.session.WebsocketConnection()
	c.mu.Lock()
	if c.closing != nil {
		c.mu.Unlock()
		return
	}
	c.closing = time.AfterFunc(closeFrameWait+closeWait, func() { _ = conn.NetConn().Close() })
	c.mu.Unlock()
	c.log.Info("socket closed by the box", slog.Int("code", code), slog.String("reason", reason))
	c.cancel()
	err := conn.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(code, reason), time.Now().Add(closeFrameWait))
	if err != nil {
		// The line is stuck: not even the close frame gets through.
		_ = conn.NetConn().Close()
	}
}
