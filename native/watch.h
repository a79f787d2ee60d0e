#pragma once
#include <napi.h>
#include <uv.h>

// A listener in libuv's own epoll set, registered anew with EPOLLEXCLUSIVE, which libuv does not know: for each
// connection the kernel wakes the first in the listener's wait queue that is in epoll_wait, and no other. An epoll
// set inside libuv's would be woken in every process.
class Watch {
 public:
  class Owner {
   public:
    // 0, or a negated errno after which it is stopped. May stop and close the watch.
    virtual void OnReadable(int status) = 0;
    // The environment ends, and with it the watch.
    virtual void OnEnd() = 0;
  };

  // Throws when the descriptor cannot be watched. Makes it O_NONBLOCK for all that share its open file description.
  Watch(Napi::Env env, int listener, Owner* owner);

  int fd() const { return fd_; }
  bool watching() const { return uv_is_active(reinterpret_cast<const uv_handle_t*>(&poll_)); }
  void Start();
  void Stop();
  // Makes it the last of the wait queue; connections that wait already make it readable at once. False when libuv
  // has not registered it yet.
  bool MoveToTail();
  // Whether it keeps the loop alive while it is watching.
  void KeepAlive(bool on) { (on ? uv_ref : uv_unref)(handle(&poll_)); }
  // Frees this in a later turn of the loop; the owner hears nothing more.
  void Close();

 private:
  template <typename Handle>
  static uv_handle_t* handle(Handle* specific) {
    return reinterpret_cast<uv_handle_t*>(specific);
  }
  ~Watch() { napi_remove_async_cleanup_hook(cleanup_); }

  const int fd_;  // its own, since libuv knows a watcher by its descriptor
  Owner* const owner_;
  uv_poll_t poll_;
  uv_idle_t until_registered_;
  int open_handles_ = 2;
  napi_async_cleanup_hook_handle cleanup_ = nullptr;  // the environment waits until it is removed
};
