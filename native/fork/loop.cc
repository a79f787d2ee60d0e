#include "fork/loop.h"

#include <uv.h>

#include <climits>
#include <string>
#include <vector>

namespace {

// The parent's signals that were caught but not dispatched are not the child's. A handle that waited for them
// would never be closed.
void Forget(uv_signal_t* signal) { signal->caught_signals = signal->dispatched_signals = 0; }

void ForgetIfSignal(uv_handle_t* handle, void*) {
  if (handle->type == UV_SIGNAL) Forget(reinterpret_cast<uv_signal_t*>(handle));
}

struct Watcher {
  uv_fs_event_t* handle;
  std::string path;
};

void CollectWatcher(uv_handle_t* handle, void* watchers) {
  if (handle->type != UV_FS_EVENT || !uv_is_active(handle)) return;
  uv_fs_event_t* watcher = reinterpret_cast<uv_fs_event_t*>(handle);
  char path[PATH_MAX];
  size_t size = sizeof path;
  if (uv_fs_event_getpath(watcher, path, &size) == 0)
    static_cast<std::vector<Watcher>*>(watchers)->push_back({watcher, std::string(path, size)});
}

// The fresh inotify instance knows no watch yet, and it numbers them anew: all must have let go of their old numbers
// first. A path that has gone is watched no more.
void RestartWatchers(uv_loop_t* loop) {
  std::vector<Watcher> watchers;
  uv_walk(loop, CollectWatcher, &watchers);
  for (const Watcher& watcher : watchers) uv_fs_event_stop(watcher.handle);
  for (const Watcher& watcher : watchers)
    uv_fs_event_start(watcher.handle, watcher.handle->cb, watcher.path.c_str(), 0);
}

void Disown(uv_handle_t* handle, void*) {
  // The path of the parent's unix socket is not this process's to remove.
  if (handle->type == UV_NAMED_PIPE) reinterpret_cast<uv_pipe_t*>(handle)->pipe_fname = nullptr;
}

}  // namespace

// In the child's only thread, before the others are there, an exception from raw calls: uv_walk(3) moves the links of
// the loop's list of handles to one on its stack and back. It takes no lock and no memory.
void ForgetSignals(uv_loop_t* loop) {
  uv_walk(loop, ForgetIfSignal, nullptr);
  Forget(&loop->child_watcher);  // uv_walk passes it over
}

void RenewLoop(uv_loop_t* loop) {
  RestartWatchers(loop);
  uv_walk(loop, Disown, nullptr);
}
