package proc

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"

	"github.com/landlock-lsm/go-landlock/landlock"
	ll "github.com/landlock-lsm/go-landlock/landlock/syscall"
	"golang.org/x/sys/unix"
)

// Sandbox says what a child may. It may always read the system's libraries and
// run its own program, and never see a network.
//
// Paths in the child's arguments that are, or lie below, one of Read, Write or
// the program's own are handed over as descriptors where the child's user cannot
// come to them by name.
type Sandbox struct {
	// User tells kinds of children apart: a box that runs as root gives each kind
	// a user of its own.
	User  User
	Read  []string // files and folders; what is not there is passed over
	Write []string // folders
	Run   []string // programs besides its own
	// Listens lets it listen on a unix socket in a folder that it may write.
	Listens bool
}

// User is a kind's user, counted from firstUser.
type User int

const (
	Reader   User = iota // reads documents
	Media                // ffmpeg
	Chat                 // llama-server
	Embedder             // llama-server, too
	Listener             // bwenge-whisper
	Speaker              // bwenge-voice and Piper
	prober               // Check's, so that it is not in the others' way

	// firstUser stands in the range that Debian gives to packages on demand and
	// that no system users, people or containers get.
	firstUser = 64_150
)

// ID is the number of the user that a child of this kind really gets.
func (u User) ID() int {
	if canChangeUser() {
		return firstUser + int(u)
	}
	return os.Geteuid()
}

// system is what programs need of the machine.
var system = []string{
	"/usr", "/lib", "/lib32", "/lib64", "/bin", "/sbin",
	"/etc/ld.so.cache", "/etc/ld.so.conf", "/etc/ld.so.conf.d", "/etc/alternatives", "/etc/localtime", "/etc/fonts",
	"/dev/zero", "/dev/random", "/dev/urandom",
	"/proc/cpuinfo", "/proc/meminfo", "/proc/stat", "/proc/sys/vm/overcommit_memory",
	"/sys/devices/system", "/sys/kernel/mm/transparent_hugepage",
}

// loaders run every program that is linked dynamically.
var loaders = []string{"/lib64/ld-linux-x86-64.so.2", "/lib/ld-linux-aarch64.so.1", "/lib/ld-linux-armhf.so.3"}

// enter confines the thread that it runs on and makes cmd fit in. What the kernel
// does not have is left, and logged once: [Check] tells what holds. What it has and
// refuses keeps the child from starting.
func (s *Sandbox) enter(c *Command, cmd *exec.Cmd) (release func(), err error) {
	var opened []*os.File
	closeAll := func() {
		for _, f := range opened {
			f.Close()
		}
	}
	defer func() {
		if err != nil {
			closeAll()
		}
	}()
	program, err := filepath.EvalSymlinks(cmd.Path)
	if err != nil {
		return nil, err
	}
	root := os.Geteuid() == 0
	own := s.ownUser() && executableByAll(program)
	if own {
		if opened, err = s.prepare(c, cmd, program); err != nil {
			return nil, err
		}
	}
	config := landlock.V11.BestEffort()
	ruleset, flags, err := config.NewRulesetFD(s.rules(c, program)...)
	if errors.Is(err, fs.ErrNotExist) { // a path went between the look at it and the rule
		ruleset, flags, err = config.NewRulesetFD(s.rules(c, program)...)
	}
	switch {
	case err != nil && Landlock() > 0:
		return nil, fmt.Errorf("landlock: %w", err)
	case err != nil || ruleset < 0:
		ruleset = -1
		missing("landlock", err)
	default:
		defer syscall.Close(ruleset)
	}
	if root {
		// Descriptors go on working; there is no device in the new one.
		if err := unix.Unshare(unix.CLONE_NEWNET); err != nil {
			missing("network namespace", err)
		}
	}
	if own {
		// Its user may not come to the folder by name, so it begins there.
		if err := unix.Unshare(unix.CLONE_FS); err != nil {
			return nil, err
		}
		if err := unix.Chdir(cmd.Dir); err != nil {
			return nil, err
		}
		cmd.Dir = ""
	}
	if own {
		if err := s.become(); err != nil {
			return nil, fmt.Errorf("become another user: %w", err)
		}
	} else if err := dropCapabilities(); err != nil {
		missing("dropped capabilities", err)
	}
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		missing("no_new_privs", err)
	}
	if ruleset >= 0 {
		if err := ll.LandlockRestrictSelf(ruleset, flags); err != nil {
			return nil, fmt.Errorf("landlock: %w", err)
		}
	}
	if err := filterCalls(s.Listens); errors.Is(err, unix.ENOSYS) || errors.Is(err, unix.EINVAL) {
		missing("seccomp", err) // not in this kernel
	} else if err != nil {
		return nil, fmt.Errorf("seccomp: %w", err)
	}
	return closeAll, nil
}

// Landlock is the version that the kernel has, 0 for none.
func Landlock() int {
	version, err := ll.LandlockGetABIVersion()
	if err != nil {
		return 0
	}
	return version
}

var missed sync.Map

// missing logs, once for each part and reason, that children are less isolated.
func missing(part string, err error) {
	if _, seen := missed.LoadOrStore(fmt.Sprint(part, err), true); seen {
		return
	}
	if err == nil {
		err = errors.New("this kernel has none")
	}
	slog.Warn("children are isolated less than they should be; see bwenge doctor", "without", part, "error", err)
}

// ownUser reports whether the child gets a user of its own.
func (s *Sandbox) ownUser() bool { return s != nil && canChangeUser() }

// canChangeUser: a box that is root outside of a container usually can.
var canChangeUser = sync.OnceValue(func() bool {
	if os.Geteuid() != 0 {
		return false
	}
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return false
	}
	_, rest, _ := strings.Cut(string(status), "CapEff:")
	line, _, _ := strings.Cut(rest, "\n")
	effective, _ := strconv.ParseUint(strings.TrimSpace(line), 16, 64)
	for _, c := range []int{unix.CAP_SETUID, unix.CAP_SETGID, unix.CAP_CHOWN, unix.CAP_FOWNER, unix.CAP_KILL, unix.CAP_DAC_OVERRIDE} {
		if effective&(1<<c) == 0 {
			missing("users of their own", fmt.Errorf("the box lacks capability %d", c))
			return false
		}
	}
	ids, err := os.ReadFile("/proc/self/uid_map")
	if err != nil {
		return false
	}
	for line := range strings.Lines(string(ids)) {
		var inside, outside, n uint64
		if _, err := fmt.Sscan(line, &inside, &outside, &n); err == nil && inside <= firstUser && firstUser+uint64(prober) < inside+n {
			return true
		}
	}
	missing("users of their own", errors.New("their numbers are not mapped"))
	return false
})

// prepare gives the kind's user the folders to write in and its input to read,
// and hands over by descriptor what it could not come to by name.
func (s *Sandbox) prepare(c *Command, cmd *exec.Cmd, program string) (opened []*os.File, err error) {
	id := s.User.ID()
	for _, dir := range s.writable(c) {
		if err := os.Lchown(dir, id, id); err != nil {
			return opened, err
		}
	}
	if in, ok := c.Stdin.(*os.File); ok && c.Reopens {
		info, err := in.Stat()
		if err != nil {
			return opened, err
		}
		err = errors.Join(in.Chown(-1, id), in.Chmod(info.Mode().Perm()|0o040))
		if err != nil {
			return opened, err
		}
	}
	cmd.Args = append([]string(nil), cmd.Args...)
	for _, path := range append(append([]string(nil), s.Read...), s.Write...) {
		if reachable(path) {
			continue
		}
		name := ""
		for i, arg := range cmd.Args {
			rest, ok := strings.CutPrefix(arg, path)
			if i == 0 || !ok || rest != "" && rest[0] != '/' {
				continue
			}
			if name == "" {
				f, err := openPath(path)
				if err != nil {
					return opened, err
				}
				opened = append(opened, f)
				cmd.ExtraFiles = append(cmd.ExtraFiles, f)
				name = descriptor(2 + len(cmd.ExtraFiles))
			}
			cmd.Args[i] = name + rest
		}
	}
	if !reachable(program) {
		f, err := openPath(program)
		if err != nil {
			return opened, err
		}
		opened = append(opened, f)
		cmd.ExtraFiles = append(cmd.ExtraFiles, f)
		cmd.Path = descriptor(2 + len(cmd.ExtraFiles))
	}
	return opened, nil
}

func openPath(path string) (*os.File, error) {
	fd, err := unix.Open(path, unix.O_PATH|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, &fs.PathError{Op: "open", Path: path, Err: err}
	}
	return os.NewFile(uintptr(fd), path), nil
}

func descriptor(n int) string { return "/proc/self/fd/" + strconv.Itoa(n) }

// reachable reports whether every user may come to path by its name.
func reachable(path string) bool {
	real, err := filepath.EvalSymlinks(path)
	if err != nil {
		return true // it is not there: nothing to hand over
	}
	for _, p := range []string{path, real} {
		for dir := filepath.Dir(p); ; dir = filepath.Dir(dir) {
			if info, err := os.Stat(dir); err != nil || info.Mode()&0o001 == 0 {
				return false
			}
			if dir == filepath.Dir(dir) {
				break
			}
		}
	}
	return true
}

func executableByAll(program string) bool {
	info, err := os.Stat(program)
	ok := err == nil && info.Mode()&0o001 != 0
	if !ok {
		missing("users of their own", fmt.Errorf("%s may not be run by others", program))
	}
	return ok
}

func (s *Sandbox) writable(c *Command) []string {
	dirs := s.Write
	if c.Dir != "" {
		dirs = append(dirs[:len(dirs):len(dirs)], c.Dir)
	}
	return dirs
}

const (
	readFile = landlock.AccessFSSet(ll.AccessFSReadFile)
	readDir  = readFile | landlock.AccessFSSet(ll.AccessFSReadDir)
	runFile  = readFile | landlock.AccessFSSet(ll.AccessFSExecute)
	useFile  = readFile | landlock.AccessFSSet(ll.AccessFSWriteFile)
	writeDir = readDir | landlock.AccessFSSet(ll.AccessFSWriteFile|ll.AccessFSTruncate|ll.AccessFSMakeReg|
		ll.AccessFSMakeDir|ll.AccessFSMakeSock|ll.AccessFSRemoveFile|ll.AccessFSRemoveDir)
)

// rules are Landlock's.
func (s *Sandbox) rules(c *Command, program string) []landlock.Rule {
	var rules []landlock.Rule
	add := func(path string, file, dir landlock.AccessFSSet) {
		if info, err := os.Stat(path); err != nil {
			return
		} else if info.IsDir() {
			file = dir
		}
		rules = append(rules, landlock.PathAccess(file, path))
	}
	for _, path := range append(append([]string{}, system...), s.Read...) {
		add(path, readFile, readDir)
	}
	if dir := os.Getenv("TESSDATA_PREFIX"); dir != "" {
		add(dir, readFile, readDir)
	}
	programs := append(append([]string{program}, loaders...), s.Run...)
	for _, path := range append(programs, interpreter(program)...) {
		add(path, runFile, 0)
	}
	for _, dir := range s.writable(c) {
		add(dir, 0, writeDir)
	}
	add("/dev/null", useFile, 0)
	if in, ok := c.Stdin.(*os.File); ok && c.Reopens {
		add(descriptor(int(in.Fd())), readFile, 0)
	}
	return rules
}

// interpreter is what runs a script: the program that its first line names.
func interpreter(program string) []string {
	f, err := os.Open(program)
	if err != nil {
		return nil
	}
	defer f.Close()
	head := make([]byte, 256)
	n, _ := f.Read(head)
	line, _, _ := strings.Cut(string(head[:n]), "\n")
	line, script := strings.CutPrefix(line, "#!")
	words := strings.Fields(line)
	if !script || len(words) == 0 {
		return nil
	}
	if len(words) > 1 && filepath.Base(words[0]) == "env" {
		if path, err := exec.LookPath(words[1]); err == nil {
			return []string{words[0], path}
		}
	}
	return words[:1]
}

// become makes this thread its kind's user, which takes all capabilities from it
// and gives it the right to bound its child, who is the same user. (The functions
// of package syscall would change all threads.)
func (s *Sandbox) become() error {
	if err := dropBounds(); err != nil {
		return err
	}
	id := uintptr(s.User.ID())
	for _, call := range [][4]uintptr{{unix.SYS_SETGROUPS}, {unix.SYS_SETRESGID, id, id, id}, {unix.SYS_SETRESUID, id, id, id}} {
		if _, _, errno := unix.RawSyscall(call[0], call[1], call[2], call[3]); errno != 0 {
			return errno
		}
	}
	return nil
}

// dropCapabilities takes them from this thread and what it starts.
func dropCapabilities() error {
	if err := dropBounds(); err != nil {
		return err
	}
	header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var none [2]unix.CapUserData
	return unix.Capset(&header, &none[0])
}

// dropBounds takes what even root could get back.
func dropBounds() error {
	for c := 0; c <= 63; c++ { // up to the last that the kernel knows
		// It fails without CAP_SETPCAP, and then there is nothing to get back.
		if err := unix.Prctl(unix.PR_CAPBSET_DROP, uintptr(c), 0, 0, 0); err != nil {
			break
		}
	}
	return unix.Prctl(unix.PR_CAP_AMBIENT, unix.PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0)
}
