package transport

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"runtime/debug"
	"sync"
	"time"

	"github.com/gorilla/websocket"
	"github.com/olahol/melody"
	"golang.org/x/time/rate"
)

// Socket is one client on a socket endpoint. Its messages arrive in melody's
// read loop, which must not be held up; what takes time runs by Go.
type Socket struct {
	session *melody.Session // set before the first message
	receive func(message []byte)
	slow    time.Duration
	caller  Caller
	log     *slog.Logger
	ctx     context.Context // ends when the socket does
	cancel  context.CancelFunc
	rate    *rate.Limiter
	room    chan struct{} // one for each message in melody's queue

	running sync.WaitGroup
	mu      sync.Mutex
	closing *time.Timer // cuts the line of a client that does not answer our close
}

var errSlow = errors.New("the client reads too slowly")

func newSocket(r *http.Request, slow time.Duration) *Socket {
	ctx, cancel := context.WithCancel(r.Context())
	return &Socket{
		slow: slow, caller: CallerOf(ctx), log: Logger(ctx), ctx: ctx, cancel: cancel,
		rate: rate.NewLimiter(framesPerSec, framesPerSec),
		room: make(chan struct{}, queuedFrames),
	}
}

// Context ends when the socket does.
func (c *Socket) Context() context.Context { return c.ctx }

// Caller is who opened the socket.
func (c *Socket) Caller() Caller { return c.caller }

// Go runs something that the socket's end waits for. It may be called from the
// read loop and from what runs by Go.
func (c *Socket) Go(run func()) {
	c.running.Go(func() {
		defer c.recoverPanic()
		run()
	})
}

// end waits until nothing runs for the socket any more. The read loop, which
// alone starts things, is over by then.
func (c *Socket) end() {
	c.cancel()
	c.running.Wait()
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closing != nil {
		c.closing.Stop()
	}
}

// received hands one message of the client on, in order.
func (c *Socket) received(message []byte) {
	if c.ctx.Err() != nil {
		return // closing: what still comes is read only so that our close frame arrives
	}
	if !c.rate.Allow() {
		c.Close(websocket.ClosePolicyViolation, "too many messages")
		return
	}
	c.receive(message)
}

// Send queues a message, waiting for room while the client reads: a resumed
// answer comes faster than any tablet takes it. A client that makes no room is
// disconnected, and resumes by seq; no message is ever left out.
func (c *Socket) Send(ctx context.Context, v any) error {
	message, err := json.Marshal(v)
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
		c.Close(websocket.CloseTryAgainLater, "too slow")
		return errSlow
	}
}

// Reply queues a message from the read loop, which cannot wait.
func (c *Socket) Reply(v any) {
	message, err := json.Marshal(v)
	if err != nil {
		c.log.Error("a frame cannot be written", slog.Any("error", err))
		return
	}
	select {
	case c.room <- struct{}{}:
		_ = c.session.Write(message) // fails only when the socket is closed
	default:
		c.Close(websocket.CloseTryAgainLater, "too slow")
	}
}

// sent makes room after a message has left.
func (c *Socket) sent() {
	select {
	case <-c.room:
	default:
	}
}

func (c *Socket) recoverPanic() {
	if what := recover(); what != nil {
		c.log.Error("panic", slog.Any("panic", what), slog.String("stack", string(debug.Stack())))
		c.Close(websocket.CloseInternalServerErr, "internal error")
	}
}

// Close ends the socket with a close frame that says why. It may be called from
// any goroutine and more than once.
func (c *Socket) Close(code int, reason string) {
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
