#include "fork/loop.h"

#include <unistd.h>
#include <uv.h>

#include <cstdio>
#include <vector>

namespace {

using Handles = std::vector<uv_async_t*>;

// Wake-ups under way, which uv_loop_fork forgets. Only they are sent again: to some handles of Node's a wake-up is an
// order (the inspector's starts the debugger).
void CollectWoken(uv_handle_t* handle, void* woken) {
  uv_async_t* async = reinterpret_cast<uv_async_t*>(handle);
  if (handle->type == UV_ASYNC && !uv_is_closing(handle) && async->pending != 0)
    static_cast<Handles*>(woken)->push_back(async);
}

// The parent's signals that were caught but not dispatched are not the child's. A handle that waited for them
// would never be closed.
void Forget(uv_signal_t* signal) { signal->caught_signals = signal->dispatched_signals = 0; }

void ForgetIfSignal(uv_handle_t* handle, void*) {
  if (handle->type == UV_SIGNAL) Forget(reinterpret_cast<uv_signal_t*>(handle));
}

void Mend(uv_handle_t* handle, void*) {
  // The path of the parent's unix socket is not this process's to remove.
  if (handle->type == UV_NAMED_PIPE) reinterpret_cast<uv_pipe_t*>(handle)->pipe_fname = nullptr;
}

}  // namespace

void ForgetSignals(uv_loop_t* loop) {
  uv_walk(loop, ForgetIfSignal, nullptr);
  Forget(&loop->child_watcher);  // uv_walk passes it over
}

void RenewLoop(uv_loop_t* loop) {
  Handles woken;
  uv_walk(loop, CollectWoken, &woken);
  // The other threads may be catching signals for this process already, which libuv's handler writes into the pipe:
  // it must not be closed for a moment. It is the child's own by now, so uv_loop_fork is told that there is none.
  int signal_pipe = loop->signal_pipefd[0];
  loop->signal_pipefd[0] = -1;
  int error = uv_loop_fork(loop);
  loop->signal_pipefd[0] = signal_pipe;
  if (error != 0) {
    dprintf(STDERR_FILENO, "prefork: the child's event loop could not be made anew: %s\n", uv_strerror(error));
    _exit(1);
  }
  // A watcher that was waiting for a change is taken for a registered one, and the new epoll does not know it.
  for (unsigned i = 0; i < loop->nwatchers; i++)
    if (loop->watchers[i] != nullptr) loop->watchers[i]->events = 0;
  uv_walk(loop, Mend, nullptr);
  for (uv_async_t* async : woken) uv_async_send(async);
  uv_async_send(&loop->wq_async);  // results of the pool; uv_walk passes this handle over
}
