#include "watch.h"

#include <fcntl.h>
#include <sys/epoll.h>

#include "descriptor.h"
#include "errors.h"
#include "event-loop.h"

static int Duplicate(Napi::Env env, int fd) {
  return Check(env, Retry([&] { return ::fcntl(fd, F_DUPFD_CLOEXEC, 0); }), {"fcntl"});
}

Watch::Watch(Napi::Env env, int listener, Owner* owner) : fd_(Duplicate(env, listener)), owner_(owner) {
  Descriptor descriptor(fd_);
  uv_loop_t* loop = LoopOf(env);
  Check(env, uv_poll_init(loop, &poll_, fd_), {"uv_poll_init"});
  uv_idle_init(loop, &until_registered_);
  uv_unref(handle(&until_registered_));
  poll_.data = until_registered_.data = this;
  const auto end = [](napi_async_cleanup_hook_handle, void* data) {
    Watch* watch = static_cast<Watch*>(data);
    watch->owner_->OnEnd();
    watch->Close();
  };
  napi_add_async_cleanup_hook(env, end, this, &cleanup_);
  descriptor.release();
}

void Watch::Start() {
  uv_poll_start(&poll_, UV_READABLE, [](uv_poll_t* poll, int status, int) {
    Watch* watch = static_cast<Watch*>(poll->data);
    if (status != 0) watch->Stop();
    watch->owner_->OnReadable(status);
  });
  // libuv registers it in the next turn, and an idle handle keeps that turn from sleeping without the flag.
  uv_idle_start(&until_registered_, [](uv_idle_t* idle) {
    if (static_cast<Watch*>(idle->data)->MoveToTail()) uv_idle_stop(idle);
  });
}

void Watch::Stop() {
  uv_poll_stop(&poll_);
  uv_idle_stop(&until_registered_);
}

bool Watch::MoveToTail() {
  epoll_event event = {EPOLLIN | EPOLLEXCLUSIVE, {}};
  event.data.fd = fd_;  // by which libuv knows it
  const int epoll = uv_backend_fd(poll_.loop);
  if (::epoll_ctl(epoll, EPOLL_CTL_DEL, fd_, nullptr) != 0) return false;
  if (::epoll_ctl(epoll, EPOLL_CTL_ADD, fd_, &event) == 0) return true;
  Start();  // no memory: libuv is to try, too
  return false;
}

void Watch::Close() {
  const auto closed = [](uv_handle_t* handle) {
    Watch* watch = static_cast<Watch*>(handle->data);
    if (--watch->open_handles_ == 0) delete watch;
  };
  uv_close(handle(&poll_), closed);
  uv_close(handle(&until_registered_), closed);
  ::close(fd_);
}
