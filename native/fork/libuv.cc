#include "fork/libuv.h"

#include <semaphore.h>
#include <signal.h>
#include <sys/stat.h>
#include <time.h>
#include <uv.h>

#include <cerrno>
#include <cstring>

#include "fork/pool.h"
#include "fork/raw.h"

namespace {

Refusal Disagrees(const char* what) { return {Cause::kSelfTest, 0, what, 0}; }

// A handle in memory that is not zero, so that a field is 0 only where libuv has set it so.
template <typename Handle>
struct Filled {
  Handle handle;
  Filled() { memset(static_cast<void*>(&handle), 0xa5, sizeof handle); }
};

// libuv promises that its structures stay as they are within a major version. For uv_fs_event_t's `cb` there is no more
// than this: a watcher would have to be started, and ending one waits in the kernel for up to 20 ms.
Refusal CheckSizes() {
  if (uv_version() >> 16 != UV_VERSION_MAJOR) return Disagrees("libuv: another major version (uv_version)");
  if (uv_loop_size() != sizeof(uv_loop_t)) return Disagrees("libuv: another size of uv_loop_t (uv_loop_size)");
  if (uv_handle_size(UV_ASYNC) != sizeof(uv_async_t)) return Disagrees("libuv: another size of uv_async_t");
  if (uv_handle_size(UV_SIGNAL) != sizeof(uv_signal_t)) return Disagrees("libuv: another size of uv_signal_t");
  if (uv_handle_size(UV_NAMED_PIPE) != sizeof(uv_pipe_t)) return Disagrees("libuv: another size of uv_pipe_t");
  if (uv_handle_size(UV_FS_EVENT) != sizeof(uv_fs_event_t)) return Disagrees("libuv: another size of uv_fs_event_t");
  if (uv_req_size(UV_WORK) != sizeof(uv_work_t)) return Disagrees("libuv: another size of uv_work_t");
  return {};
}

Refusal CheckLoop(uv_loop_t* loop) {
  if (loop->wq_async.type != UV_ASYNC || loop->wq_async.loop != loop) return Disagrees("libuv: wq_async of uv_loop_t");
  if (loop->child_watcher.type != UV_SIGNAL || loop->child_watcher.loop != loop)
    return Disagrees("libuv: child_watcher of uv_loop_t");
  return {};
}

Refusal CheckAsync(uv_loop_t* loop, uv_async_t* async) {
  const auto callback = [](uv_async_t*) {};
  if (int error = uv_async_init(loop, async, callback)) return Refusal::Failed("uv_async_init", error);
  return async->async_cb == callback ? Refusal{} : Disagrees("libuv: async_cb of uv_async_t");
}

Refusal CheckPipe(uv_loop_t* loop, uv_pipe_t* pipe) {
  uv_pipe_init(loop, pipe, 0);
  return pipe->pipe_fname == nullptr ? Refusal{} : Disagrees("libuv: pipe_fname of uv_pipe_t");
}

// A signal that the process takes no notice of; 0 where there is none.
int UnusedSignal() {
  for (int signal = SIGRTMAX; signal >= SIGRTMIN; signal--) {
    struct sigaction action;
    if (sigaction(signal, nullptr, &action) == 0 && action.sa_handler == SIG_DFL) return signal;
  }
  return 0;
}

// Counts in a signal what is expected to be counted there when libuv's handler runs. It is called as the kernel would
// call it, with every signal blocked; none is raised.
Refusal CheckSignal(uv_loop_t* loop, uv_signal_t* signal) {
  uv_signal_init(loop, signal);
  if (signal->caught_signals != 0 || signal->dispatched_signals != 0)
    return Disagrees("libuv: caught_signals and dispatched_signals of uv_signal_t");
  const int number = UnusedSignal();
  if (number == 0) return {};
  if (int error = uv_signal_start(signal, [](uv_signal_t*, int) {}, number)) return Refusal::Failed("uv_signal_start", error);
  struct stat pipe_end;
  if (fstat(loop->signal_pipefd[0], &pipe_end) != 0 || !S_ISFIFO(pipe_end.st_mode))
    return Disagrees("libuv: signal_pipefd of uv_loop_t");
  struct sigaction action;
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  sigaction(number, nullptr, &action);
  action.sa_handler(number);
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  if (signal->caught_signals != 1 || signal->dispatched_signals != 0) return Disagrees("libuv: caught_signals of uv_signal_t");
  uv_run(loop, UV_RUN_NOWAIT);
  return signal->dispatched_signals == 1 ? Refusal{} : Disagrees("libuv: dispatched_signals of uv_signal_t");
}

// A job for the pool that notes which function its threads were started with.
struct PoolProbe {
  uv_work_t request;
  sem_t done;
  const Layout* layout;
  void* routine = nullptr;
};

void RunInPool(uv_work_t* request) {
  PoolProbe* probe = static_cast<PoolProbe*>(request->data);
  probe->routine = StartRoutine(*probe->layout, raw::ThreadPointer());
  sem_post(&probe->done);
}

timespec InMs(int timeout_ms) {
  timespec until;
  clock_gettime(CLOCK_REALTIME, &until);
  int64_t ns = until.tv_nsec + timeout_ms * 1000000ll;
  return {until.tv_sec + ns / 1000000000, ns % 1000000000};
}

// False: no thread of the pool has taken the job in this time.
bool WaitUntilRun(PoolProbe* probe, int timeout_ms) {
  const timespec until = InMs(timeout_ms);
  while (sem_timedwait(&probe->done, &until) != 0)
    if (errno != EINTR) return uv_cancel(reinterpret_cast<uv_req_t*>(&probe->request)) != 0;
  return true;
}

Refusal CheckResult(uv_loop_t* loop, const PoolProbe& probe) {
  const uv__work& job = probe.request.work_req;
  // The thread puts it into the list right after it has run.
  for (int tries = 0; tries < 10000 && !IsOnlyResult(loop, probe.request); tries++) {
    const timespec moment{0, 50000};
    nanosleep(&moment, nullptr);
  }
  if (!IsOnlyResult(loop, probe.request)) return Disagrees("libuv: wq of uv_loop_t and of uv__work");
  if (job.work != nullptr || job.done == nullptr || job.loop != loop) return Disagrees("libuv: work, done and loop of uv__work");
  return loop->active_reqs.count == 1 ? Refusal{} : Disagrees("libuv: active_reqs of uv_loop_t");
}

Refusal MeasurePool(uv_loop_t* loop, int timeout_ms, Layout* layout) {
  PoolProbe probe;
  probe.request.data = &probe;
  probe.layout = layout;
  sem_init(&probe.done, 0, 0);
  Refusal refusal;
  if (int error = uv_queue_work(loop, &probe.request, RunInPool, [](uv_work_t*, int) {}))
    refusal = Refusal::Failed("uv_queue_work", error);
  else if (!WaitUntilRun(&probe, timeout_ms))
    refusal = {Cause::kPoolBusy, 0, "no pool thread became free", 0};
  else
    refusal = CheckResult(loop, probe);
  uv_run(loop, UV_RUN_DEFAULT);  // Only the job keeps the loop alive, and it ends or was cancelled.
  sem_destroy(&probe.done);
  layout->pool_routine = probe.routine;
  return refusal;
}

}  // namespace

Refusal MeasureLibuv(int timeout_ms, Layout* layout) {
  if (Refusal refusal = CheckSizes()) return refusal;
  uv_loop_t loop;
  if (int error = uv_loop_init(&loop)) return Refusal::Failed("uv_loop_init", error);
  Filled<uv_async_t> async;
  Filled<uv_pipe_t> pipe;
  Filled<uv_signal_t> signal;
  Refusal refusal = CheckLoop(&loop);
  if (!refusal) refusal = MeasurePool(&loop, timeout_ms, layout);
  if (!refusal) refusal = CheckAsync(&loop, &async.handle);
  if (!refusal) refusal = CheckPipe(&loop, &pipe.handle);
  if (!refusal) refusal = CheckSignal(&loop, &signal.handle);
  uv_walk(&loop, [](uv_handle_t* handle, void*) { uv_close(handle, nullptr); }, nullptr);
  uv_run(&loop, UV_RUN_DEFAULT);
  uv_loop_close(&loop);
  return refusal;
}
