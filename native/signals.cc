#include <signal.h>
#include <unistd.h>
#include <uv.h>

#include <atomic>

#include "arguments.h"
#include "capabilities.h"
#include "errors.h"
#include "event-loop.h"

namespace {

// Who sent a signal: si_code and si_pid in sigaction(2).
enum Sender { kSelf, kProcess, kKernel, kSenders };

Sender SenderOf(const siginfo_t* info) {
  if (info->si_code > 0) return kKernel;
  return info->si_pid == ::getpid() ? kSelf : kProcess;
}

// A signal that is caught before libuv gets it. libuv installs its handler for the first uv_signal_t of a signal and
// removes it with the last one: `keep` is one throughout, so that the handler put in the place of libuv's stays.
class Interception {
 public:
  class Owner {
   public:
    // Whether libuv is to have it. May close the interception.
    virtual bool OnSignal(Sender sender) = 0;
    // The environment ends, and with it the interception.
    virtual void OnEnd() = 0;
  };

  // Throws EBUSY when the signal is intercepted already, EINVAL when it cannot be.
  static Interception* Begin(Napi::Env env, int signal, Owner* owner);
  // Leaves the signal to libuv, and frees this in a later turn of the loop; the owner hears nothing more.
  void Close();

 private:
  template <typename Handle>
  static uv_handle_t* handle(Handle* specific) {
    return reinterpret_cast<uv_handle_t*>(specific);
  }
  Interception(int signal, Owner* owner) : signal_(signal), owner_(owner) {}
  ~Interception() { napi_remove_async_cleanup_hook(cleanup_); }
  static void Handle(int signal, siginfo_t* info, void*);
  void Install();
  void Dispatch();
  void PassOn();

  const int signal_;
  Owner* owner_;  // null: closed
  uv_signal_t keep_;
  uv_async_t wake_;
  struct sigaction libuv_;
  std::atomic<uint32_t> caught_[kSenders] = {};
  std::atomic<bool> ignored_{false};
  int open_handles_ = 2;
  napi_async_cleanup_hook_handle cleanup_ = nullptr;  // the environment waits until it is removed
};

std::atomic<Interception*> interceptions[NSIG];

int SetIgnored(int signal) {
  struct sigaction action = {};
  action.sa_handler = SIG_IGN;
  return ::sigaction(signal, &action, nullptr);
}

Interception* Interception::Begin(Napi::Env env, int signal, Owner* owner) {
  const Attempt attempt{"uv_signal_start"};
  uv_loop_t* loop = LoopOf(env);
  if (signal <= 0 || signal >= NSIG) throw SystemError(env, -EINVAL, attempt);
  if (interceptions[signal] != nullptr) throw SystemError(env, -EBUSY, attempt);

  Interception* self = new Interception(signal, owner);
  const auto dispatch = [](uv_async_t* wake) { static_cast<Interception*>(wake->data)->Dispatch(); };
  if (const int error = uv_async_init(loop, &self->wake_, dispatch)) {
    delete self;
    throw SystemError(env, error, {"uv_async_init"});
  }
  uv_signal_init(loop, &self->keep_);
  self->keep_.data = self->wake_.data = self;
  uv_unref(handle(&self->keep_));
  uv_unref(handle(&self->wake_));
  const auto end = [](napi_async_cleanup_hook_handle, void* data) {
    Interception* interception = static_cast<Interception*>(data);
    interception->owner_->OnEnd();
    interception->Close();
  };
  napi_add_async_cleanup_hook(env, end, self, &self->cleanup_);
  const auto passed_on = [](uv_signal_t* keep, int) { uv_unref(handle(keep)); };
  if (const int error = uv_signal_start(&self->keep_, passed_on, signal)) {
    self->Close();
    throw SystemError(env, error, attempt);
  }
  interceptions[signal] = self;
  ::sigaction(signal, nullptr, &self->libuv_);
  self->Install();
  return self;
}

void Interception::Install() {
  struct sigaction action = {};
  action.sa_flags = SA_SIGINFO | SA_RESTART;
  action.sa_sigaction = Handle;
  sigfillset(&action.sa_mask);
  ::sigaction(signal_, &action, nullptr);
}

// Async-signal-safe, as uv_async_send is by its documentation. The kernel prefers the main thread, whose loop this is.
void Interception::Handle(int signal, siginfo_t* info, void*) {
  Interception* self = interceptions[signal];
  if (self == nullptr) return;
  const int saved_errno = errno;
  const Sender sender = SenderOf(info);
  // The kernel sends these two for an access to the terminal, which is made again when the handler returns, and would
  // raise the signal for ever. While the signal is ignored, the access comes to its end. termios(3), TOSTOP.
  if (sender == kKernel && (signal == SIGTTIN || signal == SIGTTOU)) {
    self->ignored_ = true;
    SetIgnored(signal);
  }
  self->caught_[sender]++;
  uv_async_send(&self->wake_);
  errno = saved_errno;
}

void Interception::Dispatch() {
  if (ignored_.exchange(false)) Install();
  for (int sender = 0; sender < kSenders; sender++)
    for (uint32_t left = caught_[sender].exchange(0); left > 0 && owner_ != nullptr; left--)
      if (owner_->OnSignal(static_cast<Sender>(sender)) && owner_ != nullptr) PassOn();
}

// libuv's handler, called as the kernel would: with every signal blocked. It notes the signal for each uv_signal_t,
// whose callbacks follow in this turn of the loop or the next: until then the loop is kept alive.
void Interception::PassOn() {
  if (libuv_.sa_flags & SA_SIGINFO || libuv_.sa_handler == SIG_DFL || libuv_.sa_handler == SIG_IGN) return;
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  libuv_.sa_handler(signal_);
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  uv_ref(handle(&keep_));
}

void Interception::Close() {
  owner_ = nullptr;
  if (interceptions[signal_] == this) {
    ::sigaction(signal_, &libuv_, nullptr);
    interceptions[signal_] = nullptr;
  }
  const auto closed = [](uv_handle_t* handle) {
    Interception* interception = static_cast<Interception*>(handle->data);
    if (--interception->open_handles_ == 0) delete interception;
  };
  uv_close(handle(&keep_), closed);
  uv_close(handle(&wake_), closed);
}

// new SignalWatch(signal, onSignal(sender): whether the signal's listeners get it). Never collected before close().
class SignalWatch : public Napi::ObjectWrap<SignalWatch>, private Interception::Owner {
 public:
  explicit SignalWatch(const Napi::CallbackInfo& info) : ObjectWrap(info), context_(info.Env(), "PREFORK_SIGNAL") {
    const Arguments args(info);
    const int signal = args.Int(0, "signal");
    // A property: a reference would keep this alive through whatever the function refers to.
    info.This().As<Napi::Object>().Set("onSignal", args.Function(1, "onSignal"));
    interception_ = Interception::Begin(info.Env(), signal, this);
    ObjectWrap::Ref();
  }

  static Napi::Function Define(Napi::Env env) {
    return DefineClass(env, "SignalWatch", {InstanceMethod("close", &SignalWatch::Close)});
  }

 private:
  // close()
  void Close(const Napi::CallbackInfo&) {
    if (interception_ == nullptr) return;
    interception_->Close();
    OnEnd();
  }

  bool OnSignal(Sender sender) override {
    const Napi::Env env = Env();
    const Napi::HandleScope scope(env);
    const Napi::Object self = Value();
    try {
      const Napi::Function listener = self.Get("onSignal").As<Napi::Function>();
      return listener.MakeCallback(self, {Napi::Number::New(env, sender)}, context_).ToBoolean();
    } catch (const Napi::Error& error) {
      napi_fatal_exception(env, error.Value());  // 'uncaughtException'
      return true;
    }
  }

  void OnEnd() override {
    interception_ = nullptr;
    ObjectWrap::Unref();
  }

  Napi::AsyncContext context_;
  Interception* interception_ = nullptr;  // null: closed
};

// ignoreSignal(signal): SIG_IGN, also beyond execve(2)
void IgnoreSignal(const Napi::CallbackInfo& info) {
  const int signal = Arguments(info).Int(0, "signal");
  Check(info.Env(), Retry([&] { return SetIgnored(signal); }), {"sigaction"});
}

}  // namespace

void InitSignals(Napi::Object exports) {
  exports.Set("SignalWatch", SignalWatch::Define(exports.Env()));
  Export(exports, "ignoreSignal", IgnoreSignal);
}
