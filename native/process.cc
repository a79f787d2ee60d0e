#include <linux/kcmp.h>
#include <signal.h>
#include <spawn.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "arguments.h"
#include "capabilities.h"
#include "errors.h"
#include "event-loop.h"

static Napi::Value Getpid(const Napi::CallbackInfo& info) { return Napi::Number::New(info.Env(), ::getpid()); }

static Napi::Value Getppid(const Napi::CallbackInfo& info) { return Napi::Number::New(info.Env(), ::getppid()); }

// getpgid(pid)
static Napi::Value Getpgid(const Napi::CallbackInfo& info) {
  const int pid = Arguments(info).Int(0, "pid");
  return Napi::Number::New(info.Env(), Check(info.Env(), Retry([&] { return ::getpgid(pid); }), {"getpgid"}));
}

// setpgid(pid, group)
static void Setpgid(const Napi::CallbackInfo& info) {
  const Arguments args(info);
  const int pid = args.Int(0, "pid");
  const int group = args.Int(1, "group");
  Check(info.Env(), Retry([&] { return ::setpgid(pid, group); }), {"setpgid"});
}

// leaveTerminal(fd): TIOCNOTTY
static void LeaveTerminal(const Napi::CallbackInfo& info) {
  const int fd = Arguments(info).Int(0, "fd");
  Check(info.Env(), Retry([&] { return ::ioctl(fd, TIOCNOTTY); }), {"ioctl"});
}

// waitpid(pid, nohang): { pid, code, signal, coreDumped }, or undefined when WNOHANG found none.
static Napi::Value Waitpid(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const Arguments args(info);
  const int wanted = args.Int(0, "pid");
  const int options = args.Bool(1, "nohang") ? WNOHANG : 0;

  int status = 0;
  const pid_t pid = Check(env, Retry([&] { return ::waitpid(wanted, &status, options); }), {"waitpid"});
  if (pid == 0) return env.Undefined();

  const bool exited = WIFEXITED(status);
  Napi::Object result = Napi::Object::New(env);
  result.Set("pid", Napi::Number::New(env, pid));
  result.Set("code", exited ? Napi::Number::New(env, WEXITSTATUS(status)) : env.Null());
  result.Set("signal", exited ? env.Null() : Napi::Number::New(env, WTERMSIG(status)));
  result.Set("coreDumped", Napi::Boolean::New(env, !exited && WCOREDUMP(status)));
  return result;
}

// kill(pid, signal)
static void Kill(const Napi::CallbackInfo& info) {
  const Arguments args(info);
  const int pid = args.Int(0, "pid");
  const int signal = args.Int(1, "signal");
  Check(info.Env(), Retry([&] { return ::kill(pid, signal); }), {"kill"});
}

// What Node ignores would stay ignored in the new program, and what it blocks blocked; this takes both back,
// as uv_spawn does, until it goes out of scope (execve has failed).
class DefaultSignals {
 public:
  DefaultSignals() {
    struct sigaction action = {};
    action.sa_handler = SIG_DFL;
    ::sigaction(SIGPIPE, &action, &pipe_);
    ::sigaction(SIGXFSZ, &action, &xfsz_);
    // V8's profiler has this thread signalled all the time: what is sent last would meet the program, and end it.
    ::sigaction(SIGPROF, nullptr, &prof_);
    action.sa_handler = SIG_IGN;
    if (prof_.sa_handler != SIG_DFL) ::sigaction(SIGPROF, &action, nullptr);
    sigset_t none;
    sigemptyset(&none);
    pthread_sigmask(SIG_SETMASK, &none, &mask_);
  }
  ~DefaultSignals() {
    pthread_sigmask(SIG_SETMASK, &mask_, nullptr);
    ::sigaction(SIGPIPE, &pipe_, nullptr);
    ::sigaction(SIGXFSZ, &xfsz_, nullptr);
    ::sigaction(SIGPROF, &prof_, nullptr);
  }

 private:
  struct sigaction pipe_, xfsz_, prof_;
  sigset_t mask_;
};

static std::vector<char*> NullTerminated(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (std::string& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

// execve(path, argv, env)
static void Execve(const Napi::CallbackInfo& info) {
  const Arguments args(info);
  const std::string path = args.CString(0, "path");
  std::vector<std::string> argv = args.CStrings(1, "argv");
  std::vector<std::string> envp = args.CStrings(2, "env");

  const auto attempt = [&] {
    const DefaultSignals signals;
    ::execve(path.c_str(), NullTerminated(argv).data(), NullTerminated(envp).data());
    return -errno;
  };
  Check(info.Env(), attempt(), {"execve", {}, -1, path});
}

// spawn(path, argv, env): the process id of a child that runs this program, in a process group of its own. Signals are as
// for execve(), but the C library's own two, 32 and 33, which it may leave ignored until it uses them. posix_spawn(3)
// copies none of this process's memory.
static Napi::Value Spawn(const Napi::CallbackInfo& info) {
  const Arguments args(info);
  const std::string path = args.CString(0, "path");
  std::vector<std::string> argv = args.CStrings(1, "argv");
  std::vector<std::string> envp = args.CStrings(2, "env");

  sigset_t changed, none;
  sigemptyset(&none);
  sigemptyset(&changed);
  sigaddset(&changed, SIGPIPE);
  sigaddset(&changed, SIGXFSZ);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
  posix_spawnattr_setpgroup(&attributes, 0);
  posix_spawnattr_setsigdefault(&attributes, &changed);
  posix_spawnattr_setsigmask(&attributes, &none);
  pid_t pid = 0;
  const int error = ::posix_spawn(&pid, path.c_str(), nullptr, &attributes, NullTerminated(argv).data(),
                                  NullTerminated(envp).data());
  posix_spawnattr_destroy(&attributes);
  return Napi::Number::New(info.Env(), Check(info.Env(), error == 0 ? pid : -error, {"posix_spawn", {}, -1, path}));
}

// _exit(status)
static void Exit(const Napi::CallbackInfo& info) { ::_exit(Arguments(info).Int(0, "status")); }

// setParentDeathSignal(signal)
static void SetParentDeathSignal(const Napi::CallbackInfo& info) {
  const int signal = Arguments(info).Int(0, "signal");
  Check(info.Env(), Retry([&] { return ::prctl(PR_SET_PDEATHSIG, signal, 0, 0, 0); }), {"prctl"});
}

// kcmp(pid1, pid2, fd1, fd2): KCMP_FILE. The C library has no wrapper.
static Napi::Value Kcmp(const Napi::CallbackInfo& info) {
  const Arguments args(info);
  const int pid1 = args.Int(0, "pid1");
  const int pid2 = args.Int(1, "pid2");
  const int fd1 = args.Int(2, "fd1");
  const int fd2 = args.Int(3, "fd2");
  const auto compare = [&] { return ::syscall(SYS_kcmp, pid1, pid2, KCMP_FILE, fd1, fd2); };
  return Napi::Number::New(info.Env(), Check(info.Env(), Retry(compare), {"kcmp"}));
}

// pendingRequests(): of this thread's event loop
static Napi::Value PendingRequests(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), LoopOf(info.Env())->active_reqs.count);
}

void InitProcess(Napi::Object exports) {
  Export(exports, "getpid", Getpid);
  Export(exports, "getppid", Getppid);
  Export(exports, "getpgid", Getpgid);
  Export(exports, "setpgid", Setpgid);
  Export(exports, "leaveTerminal", LeaveTerminal);
  Export(exports, "waitpid", Waitpid);
  Export(exports, "kill", Kill);
  Export(exports, "execve", Execve);
  Export(exports, "spawn", Spawn);
  Export(exports, "_exit", Exit);
  Export(exports, "setParentDeathSignal", SetParentDeathSignal);
  Export(exports, "pendingRequests", PendingRequests);
  Export(exports, "kcmp", Kcmp);
}
