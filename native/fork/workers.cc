#include "fork/workers.h"

#include <linux/futex.h>
#include <time.h>
#include <uv.h>

#include <atomic>
#include <cstring>

#include "fork/loop.h"
#include "fork/raw.h"

// What the node binary exports of V8 (include/v8-isolate.h, v8-script.h, v8-primitive.h), without its headers: the
// addon is one binary for all versions of Node. v8::Local and v8::MaybeLocal hold one pointer and are passed and
// returned as that pointer. `enum class NewStringType { kNormal, … }` is passed as an int.
extern "C" {
__attribute__((weak)) void _ZN2v87Isolate16RequestInterruptEPFvPS0_PvES2_(void*, void (*)(void*, void*), void*);
__attribute__((weak)) void* _ZN2v87Isolate17GetCurrentContextEv(void*);
__attribute__((weak)) void* _ZN2v86String11NewFromUtf8EPNS_7IsolateEPKcNS_13NewStringTypeEi(void*, const char*, int, int);
__attribute__((weak)) void* _ZN2v86Script7CompileENS_5LocalINS_7ContextEEENS1_INS_6StringEEEPNS_12ScriptOriginE(void*, void*, void*);
__attribute__((weak)) void* _ZN2v86Script3RunENS_5LocalINS_7ContextEEE(void*, void*);
}

namespace {

constexpr auto RequestInterrupt = _ZN2v87Isolate16RequestInterruptEPFvPS0_PvES2_;
constexpr auto GetCurrentContext = _ZN2v87Isolate17GetCurrentContextEv;
constexpr auto NewString = _ZN2v86String11NewFromUtf8EPNS_7IsolateEPKcNS_13NewStringTypeEi;
constexpr auto Compile = _ZN2v86Script7CompileENS_5LocalINS_7ContextEEENS1_INS_6StringEEEPNS_12ScriptOriginE;
constexpr auto Run = _ZN2v86Script3RunENS_5LocalINS_7ContextEEE;

struct HeldWorker {
  void* isolate;
  uv_loop_t* loop;  // null: not found
};

// A wait of a Worker on a condition, by the place on its stack.
struct Wait {
  int tid;
  uintptr_t sp;
  int64_t since_us;
};

// Longer than V8 waits for its helpers to end their part of a collection.
constexpr int64_t kLongWaitUs = 5000;
constexpr int kMaxWaits = 64;
Wait waits[kMaxWaits];
int next_wait = 0;

PREFORK_RAW int64_t NowUs() {
  timespec now;
  raw::Call(SYS_clock_gettime, CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1000000ll + now.tv_nsec / 1000;
}

HeldWorker held[kMaxThreads];
int held_count = 0;
std::atomic<uint32_t> gate_closed;  // futex

// V8 calls this on the Worker's thread, in a handle scope of its own, at the first stack check of JavaScript: in the
// prologue of the first function that an event calls, or inside Atomics.wait, which a request wakes.
void RunScript(void* isolate, void* source) {
  void* context = GetCurrentContext(isolate);
  if (context == nullptr) return;
  void* text = NewString(isolate, static_cast<const char*>(source), 0, -1);
  void* script = text == nullptr ? nullptr : Compile(context, text, nullptr);
  if (script != nullptr) Run(script, context);
}

// Node keeps a Worker's event loop on the Worker's stack (WorkerThreadData in node_worker.cc). It is found by handles
// that are a part of it and point back to it.
PREFORK_RAW uv_loop_t* LoopOf(const ParkedThread& worker) {
  char* end = worker.thread_pointer - sizeof(uv_loop_t);
  for (char* at = reinterpret_cast<char*>((raw::Registers(worker.context).sp + 7) & ~7ul); at < end; at += 8) {
    uv_loop_t* loop = reinterpret_cast<uv_loop_t*>(at);
    if (loop->wq_async.loop == loop && loop->wq_async.type == UV_ASYNC && loop->child_watcher.loop == loop &&
        loop->child_watcher.type == UV_SIGNAL)
      return loop;
  }
  return nullptr;
}

}  // namespace

PREFORK_RAW bool WaitsInAtomics(const ParkedThread& worker) {
  if (!worker.waits_on_condition) return false;
  uintptr_t sp = raw::Registers(worker.context).sp;
  for (const Wait& wait : waits)
    if (wait.tid == worker.tid && wait.sp == sp) return NowUs() - wait.since_us >= kLongWaitUs;
  waits[next_wait] = {worker.tid, sp, NowUs()};
  next_wait = (next_wait + 1) % kMaxWaits;
  return false;
}

PREFORK_RAW bool HasNoRequests(const ParkedThread& worker) {
  const uv_loop_t* loop = LoopOf(worker);
  return loop == nullptr || loop->active_reqs.count == 0;
}

bool CanCopyWorkers() {
  return RequestInterrupt != nullptr && GetCurrentContext != nullptr && NewString != nullptr && Compile != nullptr &&
         Run != nullptr;
}

PREFORK_RAW void HoldWorkers(ParkingLot* lot) {
  held_count = 0;
  for (int i = 0; i < lot->count; i++)
    if (lot->threads[i].is_worker) held[held_count++] = {lot->threads[i].isolate, LoopOf(lot->threads[i])};
  gate_closed = held_count > 0;
}

PREFORK_RAW void WaitAtGate() {
  while (gate_closed) raw::Call(SYS_futex, &gate_closed, FUTEX_WAIT_PRIVATE, 1, nullptr);
}

int HeldWorkers() { return held_count; }

void ReleaseWorkers(const char* source) {
  if (held_count == 0) return;
  char* kept = strdup(source);  // for as long as a Worker may come to it
  for (int i = 0; i < held_count; i++) {
    if (held[i].loop != nullptr) ForgetSignals(held[i].loop), RenewLoop(held[i].loop);
    RequestInterrupt(held[i].isolate, RunScript, kept);
  }
  held_count = 0;
  gate_closed = 0;
  raw::Call(SYS_futex, &gate_closed, FUTEX_WAKE_PRIVATE, kMaxThreads);
}
