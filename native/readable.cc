#include <uv.h>

#include <memory>

#include "arguments.h"
#include "capabilities.h"
#include "errors.h"
#include "event-loop.h"

namespace {

// libuv's handle, which outlives its owner until libuv has let go of it.
struct Poll {
  uv_poll_t handle;
  class ReadableWatch* owner;
  napi_async_cleanup_hook_handle cleanup = nullptr;  // the environment waits until it is removed

  void Close() {
    uv_close(reinterpret_cast<uv_handle_t*>(&handle), [](uv_handle_t* handle) {
      Poll* poll = static_cast<Poll*>(handle->data);
      napi_remove_async_cleanup_hook(poll->cleanup);
      delete poll;
    });
  }
};

// new ReadableWatch(fd, onReadable(status)): calls in each turn of the loop in which the descriptor can be read, at its
// end as well, with 0, or once with a negated errno. Does not keep the loop alive. Makes the descriptor O_NONBLOCK for
// all that share its open file description. Never collected before close(), which is due before the descriptor's.
class ReadableWatch : public Napi::ObjectWrap<ReadableWatch> {
 public:
  explicit ReadableWatch(const Napi::CallbackInfo& info)
      : ObjectWrap(info), context_(info.Env(), "PREFORK_READABLE") {
    const Napi::Env env = info.Env();
    const Arguments args(info);
    const int fd = args.Int(0, "fd");
    // A property: a reference would keep this alive through whatever the function refers to.
    info.This().As<Napi::Object>().Set("onReadable", args.Function(1, "onReadable"));
    uv_loop_t* loop = LoopOf(env);
    auto poll = std::make_unique<Poll>();
    Check(env, uv_poll_init(loop, &poll->handle, fd), {"uv_poll_init"});
    poll_ = poll.release();
    poll_->handle.data = poll_;
    poll_->owner = this;
    uv_unref(reinterpret_cast<uv_handle_t*>(&poll_->handle));
    const auto end = [](napi_async_cleanup_hook_handle, void* data) { static_cast<Poll*>(data)->owner->Close(); };
    napi_add_async_cleanup_hook(env, end, poll_, &poll_->cleanup);
    uv_poll_start(&poll_->handle, UV_READABLE, [](uv_poll_t* handle, int status, int) {
      static_cast<Poll*>(handle->data)->owner->OnReadable(status);
    });
    ObjectWrap::Ref();
  }

  static Napi::Function Define(Napi::Env env) {
    return DefineClass(env, "ReadableWatch", {InstanceMethod("close", &ReadableWatch::Close)});
  }

 private:
  // close()
  void Close(const Napi::CallbackInfo&) { Close(); }

  void Close() {
    if (poll_ == nullptr) return;
    poll_->Close();
    poll_ = nullptr;
    ObjectWrap::Unref();
  }

  void OnReadable(int status) {
    const Napi::Env env = Env();
    const Napi::HandleScope scope(env);
    const Napi::Object self = Value();
    if (status != 0) uv_poll_stop(&poll_->handle);
    try {
      self.Get("onReadable").As<Napi::Function>().MakeCallback(self, {Napi::Number::New(env, status)}, context_);
    } catch (const Napi::Error& error) {
      napi_fatal_exception(env, error.Value());  // 'uncaughtException'
    }
  }

  Napi::AsyncContext context_;
  Poll* poll_ = nullptr;  // null: closed
};

}  // namespace

void InitReadable(Napi::Object exports) { exports.Set("ReadableWatch", ReadableWatch::Define(exports.Env())); }
