#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include "arguments.h"
#include "capabilities.h"
#include "errors.h"
#include "pair.h"
#ifndef RWF_NOWAIT
#include <linux/fs.h>  // musl has it, and a function for pwritev2, from 1.2.5 on.
#endif

// open(path, flags, mode): fd
static Napi::Value Open(const Napi::CallbackInfo& info) {
  const Arguments args(info);
  const std::string path = args.CString(0, "path");
  const int flags = args.Int(1, "flags");
  const int mode = args.Int(2, "mode");
  const int fd = Retry([&] { return ::open(path.c_str(), flags, mode); });
  return Napi::Number::New(info.Env(), Check(info.Env(), fd, {"open", {}, -1, path}));
}

// read(fd, buffer, offset, length): bytes
static Napi::Value Read(const Napi::CallbackInfo& info) {
  const Arguments args(info);
  const int fd = args.Int(0, "fd");
  const Arguments::Bytes into = args.Slice(1, "buffer");
  const ssize_t bytes = Retry([&] { return ::read(fd, into.data, into.length); });
  return Napi::Number::New(info.Env(), Check(info.Env(), bytes, {"read"}));
}

// Makes a write with SIGPIPE blocked, and takes away the one that it raised: EPIPE is to come back as an error,
// whatever the process does with the signal.
template <typename Call>
static ssize_t WithoutSigpipe(Call call, int blocked_too = SIGPIPE) {
  sigset_t sigpipe, blocked, before;
  sigemptyset(&sigpipe);
  sigaddset(&sigpipe, SIGPIPE);
  blocked = sigpipe;
  sigaddset(&blocked, blocked_too);
  pthread_sigmask(SIG_BLOCK, &blocked, &before);
  const ssize_t result = call();
  if (result == -EPIPE && !sigismember(&before, SIGPIPE)) {
    const struct timespec now = {0, 0};
    Retry([&] { return ::sigtimedwait(&sigpipe, nullptr, &now); });
  }
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return result;
}

// write(fd, buffer, offset, length): bytes
static Napi::Value Write(const Napi::CallbackInfo& info) {
  const Arguments args(info);
  const int fd = args.Int(0, "fd");
  const Arguments::Bytes from = args.Slice(1, "buffer");
  const ssize_t bytes = WithoutSigpipe([&] { return Retry([&] { return ::write(fd, from.data, from.length); }); });
  return Napi::Number::New(info.Env(), Check(info.Env(), bytes, {"write"}));
}

// pwritev2(fd, buffer, offset, length, nowait): bytes. As write, but the terminal driver lets a background process write
// when SIGTTOU is blocked, whatever the terminal's `tostop` says: tty_ioctl(4), setpgid(2). With nowait, RWF_NOWAIT of
// pwritev2(2): EAGAIN where the write would block, EOPNOTSUPP where the kernel cannot tell.
static Napi::Value Pwritev2(const Napi::CallbackInfo& info) {
  const Arguments args(info);
  const int fd = args.Int(0, "fd");
  const Arguments::Bytes from = args.Slice(1, "buffer");
  const bool nowait = args.Bool(4, "nowait");
  const iovec part = {from.data, from.length};
  const auto call = [&]() -> ssize_t {
    if (!nowait) return ::write(fd, from.data, from.length);
    const ssize_t bytes = syscall(SYS_pwritev2, fd, &part, 1, -1l, -1l, RWF_NOWAIT);
    if (bytes == -1 && errno == ENOSYS) errno = EOPNOTSUPP;
    return bytes;
  };
  const auto write = [&] { return Retry(call); };
  return Napi::Number::New(info.Env(), Check(info.Env(), WithoutSigpipe(write, SIGTTOU), {"write"}));
}

// flock(fd, operation)
static void Flock(const Napi::CallbackInfo& info) {
  const Arguments args(info);
  const int fd = args.Int(0, "fd");
  const int operation = args.Int(1, "operation");
  Check(info.Env(), Retry([&] { return ::flock(fd, operation); }), {"flock"});
}

// close(fd)
static void Close(const Napi::CallbackInfo& info) {
  const int fd = Arguments(info).Int(0, "fd");
  // Interrupted or in progress: Linux has freed the descriptor all the same, and it may be another thread's by now.
  if (::close(fd) == -1 && errno != EINTR && errno != EINPROGRESS) throw SystemError(info.Env(), -errno, {"close"});
}

// lseek(fd, position, whence): offset
static Napi::Value Lseek(const Napi::CallbackInfo& info) {
  const Arguments args(info);
  const int fd = args.Int(0, "fd");
  const int64_t position = args.Offset(1, "position");
  const int whence = args.Int(2, "whence");
  static_assert(sizeof(off_t) == sizeof position, "offsets are 64 bits wide");
  const off_t offset = Retry([&] { return ::lseek(fd, position, whence); });
  return Napi::Number::New(info.Env(), static_cast<double>(Check(info.Env(), offset, {"lseek"})));
}

// pipe(cloexec): [read end, write end]
static Napi::Value Pipe(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const int flags = Arguments(info).Bool(0, "cloexec") ? O_CLOEXEC : 0;
  int fds[2];
  Check(env, Retry([&] { return ::pipe2(fds, flags); }), {"pipe"});
  return DescriptorPair(env, fds);
}

// packetPipe(): [read end, write end], both close-on-exec. The pipe has room for one packet, and each write is one
// (O_DIRECT, pipe(2)): of several writes, all but the first block until somebody reads.
static Napi::Value PacketPipe(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  int fds[2];
  Check(env, Retry([&] { return ::pipe2(fds, O_CLOEXEC | O_DIRECT); }), {"pipe"});
  const Napi::Value ends = DescriptorPair(env, fds);
  // The kernel rounds one byte up to one page, and keeps one packet on each. It refuses no process that little.
  Check(env, Retry([&] { return ::fcntl(fds[1], F_SETPIPE_SZ, 1); }), {"fcntl"});
  return ends;
}

// dup(fd, atLeast, cloexec): fd
static Napi::Value Dup(const Napi::CallbackInfo& info) {
  const Arguments args(info);
  const int fd = args.Int(0, "fd");
  const int at_least = args.Int(1, "atLeast");
  const int command = args.Bool(2, "cloexec") ? F_DUPFD_CLOEXEC : F_DUPFD;
  const int copy = Retry([&] { return ::fcntl(fd, command, at_least); });
  return Napi::Number::New(info.Env(), Check(info.Env(), copy, {"fcntl"}));
}

// dup2(from, to, cloexec)
static void Dup2(const Napi::CallbackInfo& info) {
  const Arguments args(info);
  const int from = args.Int(0, "from");
  const int to = args.Int(1, "to");
  const int flags = args.Bool(2, "cloexec") ? O_CLOEXEC : 0;
  Check(info.Env(), Retry([&] { return ::dup3(from, to, flags); }), {"dup3"});
}

static int64_t Milliseconds() {
  struct timespec now;
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return int64_t{now.tv_sec} * 1000 + now.tv_nsec / 1000000;
}

// poll(fd, events, timeout): ready events. A signal does not prolong the timeout.
static Napi::Value Poll(const Napi::CallbackInfo& info) {
  const Arguments args(info);
  struct pollfd entry = {args.Int(0, "fd"), static_cast<short>(args.Int(1, "events")), 0};
  const int timeout = args.Int(2, "timeout");
  const int64_t deadline = timeout < 0 ? 0 : Milliseconds() + timeout;
  const auto poll = [&] {
    const int64_t left = deadline - Milliseconds();
    return ::poll(&entry, 1, timeout < 0 ? -1 : left > 0 ? static_cast<int>(left) : 0);
  };
  Check(info.Env(), Retry(poll), {"poll"});
  return Napi::Number::New(info.Env(), entry.revents);
}

// Sets or clears one flag of the pair F_GETFD and F_SETFD, or F_GETFL and F_SETFL.
static void SetFlag(const Napi::CallbackInfo& info, int get, int set, int flag) {
  const Arguments args(info);
  const int fd = args.Int(0, "fd");
  const bool on = args.Bool(1, "on");
  const int flags = Check(info.Env(), Retry([&] { return ::fcntl(fd, get); }), {"fcntl"});
  Check(info.Env(), Retry([&] { return ::fcntl(fd, set, on ? flags | flag : flags & ~flag); }), {"fcntl"});
}

// setCloexec(fd, on)
static void SetCloexec(const Napi::CallbackInfo& info) { SetFlag(info, F_GETFD, F_SETFD, FD_CLOEXEC); }

// setNonblock(fd, on)
static void SetNonblock(const Napi::CallbackInfo& info) { SetFlag(info, F_GETFL, F_SETFL, O_NONBLOCK); }

void InitFile(Napi::Object exports) {
  Export(exports, "open", Open);
  Export(exports, "read", Read);
  Export(exports, "write", Write);
  Export(exports, "pwritev2", Pwritev2);
  Export(exports, "flock", Flock);
  Export(exports, "close", Close);
  Export(exports, "lseek", Lseek);
  Export(exports, "pipe", Pipe);
  Export(exports, "packetPipe", PacketPipe);
  Export(exports, "dup", Dup);
  Export(exports, "dup2", Dup2);
  Export(exports, "poll", Poll);
  Export(exports, "setCloexec", SetCloexec);
  Export(exports, "setNonblock", SetNonblock);
}
