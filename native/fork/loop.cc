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

// Signals that were caught but not dispatched went with the old pipe; a handle that waits for them is never closed
// (uv_loop_fork of newer versions sees to it; that of Node 20 does not).
void ForgetSignals(uv_signal_t* signal) { signal->caught_signals = signal->dispatched_signals = 0; }

void Mend(uv_handle_t* handle, void*) {
  if (handle->type == UV_SIGNAL) ForgetSignals(reinterpret_cast<uv_signal_t*>(handle));
  // The path of the parent's unix socket is not this process's to remove.
  if (handle->type == UV_NAMED_PIPE) reinterpret_cast<uv_pipe_t*>(handle)->pipe_fname = nullptr;
}

}  // namespace

void RenewLoop(uv_loop_t* loop) {
  Handles woken;
  uv_walk(loop, CollectWoken, &woken);
  if (int error = uv_loop_fork(loop)) {
    dprintf(STDERR_FILENO, "prefork: the child's event loop could not be made anew: %s\n", uv_strerror(error));
    _exit(1);
  }
  // A watcher that was waiting for a change is taken for a registered one, and the new epoll does not know it.
  for (unsigned i = 0; i < loop->nwatchers; i++)
    if (loop->watchers[i] != nullptr) loop->watchers[i]->events = 0;
  uv_walk(loop, Mend, nullptr);
  // Two handles that uv_walk passes over: for child processes, and for results of the pool.
  ForgetSignals(&loop->child_watcher);
  for (uv_async_t* async : woken) uv_async_send(async);
  uv_async_send(&loop->wq_async);
}
