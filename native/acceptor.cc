#include <poll.h>
#include <sys/socket.h>

#include "arguments.h"
#include "capabilities.h"
#include "errors.h"
#include "watch.h"

namespace {

// new Acceptor(listener, onResult(descriptor or negated errno)). Never collected while it is started.
class Acceptor : public Napi::ObjectWrap<Acceptor>, private Watch::Owner {
 public:
  explicit Acceptor(const Napi::CallbackInfo& info);
  ~Acceptor() { CloseWatch(); }
  static Napi::Function Define(Napi::Env env);

 private:
  // start(): from the tail of the wait queue on; nothing when it is started
  void Start(const Napi::CallbackInfo& info) {
    if (watch_ == nullptr) throw SystemError(info.Env(), -EBADF, {"uv_poll_start"});
    if (watch_->watching()) return;
    watch_->Start();
    ObjectWrap::Ref();
  }

  // stop()
  void Stop(const Napi::CallbackInfo&) { StopWatch(); }

  // close(): for good
  void Close(const Napi::CallbackInfo&) { CloseWatch(); }

  // rearm()
  void Rearm(const Napi::CallbackInfo&) {
    if (watch_ != nullptr && watch_->watching()) watch_->MoveToTail();
  }

  // keepAlive(on)
  void KeepAlive(const Napi::CallbackInfo& info) {
    const bool on = Arguments(info).Bool(0, "on");
    if (watch_ != nullptr) watch_->KeepAlive(on);
  }

  // accept(): descriptor or negated errno
  Napi::Value Accept(const Napi::CallbackInfo& info) {
    return Napi::Number::New(info.Env(), watch_ == nullptr ? -EBADF : AcceptOne());
  }

  // accepted(), idleWakeups(): how many, ever
  Napi::Value Accepted(const Napi::CallbackInfo& info) { return Napi::Number::New(info.Env(), accepted_); }
  Napi::Value IdleWakeups(const Napi::CallbackInfo& info) { return Napi::Number::New(info.Env(), idle_wakeups_); }

  int AcceptOne();
  void StopWatch();
  void CloseWatch();
  void OnReadable(int status) override;
  void OnEnd() override;

  Napi::AsyncContext context_;
  Watch* watch_ = nullptr;  // null: closed
  int64_t accepted_ = 0;
  int64_t idle_wakeups_ = 0;
};

Acceptor::Acceptor(const Napi::CallbackInfo& info) : ObjectWrap(info), context_(info.Env(), "PREFORK_ACCEPT") {
  const Arguments args(info);
  const int listener = args.Int(0, "listener");
  // A property: a reference would keep this alive through whatever the function refers to.
  info.This().As<Napi::Object>().Set("onResult", args.Function(1, "onResult"));
  watch_ = new Watch(info.Env(), listener, this);
}

int Acceptor::AcceptOne() {
  const int fd = Retry([&] { return ::accept4(watch_->fd(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC); });
  if (fd >= 0) accepted_++;
  return fd;
}

void Acceptor::StopWatch() {
  if (watch_ == nullptr || !watch_->watching()) return;
  watch_->Stop();
  ObjectWrap::Unref();
}

void Acceptor::CloseWatch() {
  StopWatch();
  if (watch_ != nullptr) watch_->Close();
  watch_ = nullptr;
}

// Whether the listener was shut down. In the unix domain accept4 says EAGAIN of that, where TCP has EINVAL.
static bool IsShutDown(int fd) {
  pollfd listener = {fd, POLLRDHUP, 0};
  return ::poll(&listener, 1, 0) > 0;
}

// One connection for a wake-up, and then the others' turn.
void Acceptor::OnReadable(int status) {
  const Napi::Env env = Env();
  const Napi::HandleScope scope(env);
  const Napi::Object self = Value();
  if (status != 0) ObjectWrap::Unref();
  int result = status != 0 ? status : AcceptOne();
  if (result == -EAGAIN && IsShutDown(watch_->fd())) result = -EINVAL;
  if (result == -EAGAIN) {
    idle_wakeups_++;
    return;
  }
  if (result >= 0) watch_->MoveToTail();
  try {
    self.Get("onResult").As<Napi::Function>().MakeCallback(self, {Napi::Number::New(env, result)}, context_);
  } catch (const Napi::Error& error) {
    napi_fatal_exception(env, error.Value());  // 'uncaughtException'
  }
}

void Acceptor::OnEnd() {
  StopWatch();
  watch_ = nullptr;
}

Napi::Function Acceptor::Define(Napi::Env env) {
  return DefineClass(env, "Acceptor",
                     {InstanceMethod("start", &Acceptor::Start), InstanceMethod("stop", &Acceptor::Stop),
                      InstanceMethod("close", &Acceptor::Close), InstanceMethod("rearm", &Acceptor::Rearm),
                      InstanceMethod("keepAlive", &Acceptor::KeepAlive), InstanceMethod("accept", &Acceptor::Accept),
                      // Methods, since the engine lets them be called on an Acceptor only. With an accessor Node-API
                      // does not ask for that, and another class's object would be taken for one.
                      InstanceMethod("accepted", &Acceptor::Accepted),
                      InstanceMethod("idleWakeups", &Acceptor::IdleWakeups)});
}

}  // namespace

void InitAcceptor(Napi::Object exports) { exports.Set("Acceptor", Acceptor::Define(exports.Env())); }
