#include "fork/pool.h"

#include <uv.h>

#include <cstddef>

namespace {

// libuv's list of finished jobs, and ours: the list itself is the link between its last and its first.
struct Link {
  Link* next = this;
  Link* previous = this;
};

uv__work* TakeFirst(Link* list) {
  Link* first = list->next;
  if (first == list) return nullptr;
  first->previous->next = first->next;
  first->next->previous = first->previous;
  return reinterpret_cast<uv__work*>(reinterpret_cast<char*>(first) - offsetof(uv__work, wq));
}

// Moves all that `from` holds to the end of `to`; returns how many.
int MoveAll(Link* from, Link* to) {
  int count = 0;
  for (Link* link = from->next; link != from; link = link->next) count++;
  if (count == 0) return 0;
  from->next->previous = to->previous;
  to->previous->next = from->next;
  from->previous->next = to;
  to->previous = from->previous;
  from->next = from->previous = from;
  return count;
}

Link being_delivered, withheld;

Link* FinishedJobs(uv_loop_t* loop) { return reinterpret_cast<Link*>(&loop->wq); }

int MoveFinished(uv_loop_t* loop, Link* to) {
  uv_mutex_lock(&loop->wq_mutex);
  int count = MoveAll(FinishedJobs(loop), to);
  uv_mutex_unlock(&loop->wq_mutex);
  return count;
}

// As libuv's uv__work_done, but with the list in sight. A job that was not cancelled has lost its function by now.
void Deliver(uv_async_t* handle) {
  MoveFinished(handle->loop, &being_delivered);
  while (uv__work* job = TakeFirst(&being_delivered)) job->done(job, job->work == nullptr ? 0 : UV_ECANCELED);
}

uv_prepare_t each_turn;
uv_handle_t* of_node;  // a handle that Node closes at the end, and only then

void FindHandleOfNode(uv_handle_t* handle, void*) {
  if (handle->type == UV_CHECK && !uv_is_closing(handle)) of_node = handle;
}

void DeliverAtEnd(uv_prepare_t* prepare) {
  if (of_node == nullptr || !uv_is_closing(of_node)) return;
  uv_loop_t* loop = prepare->loop;
  loop->active_reqs.count += MoveAll(&withheld, &being_delivered);
  uv_prepare_stop(prepare);
  uv_async_send(&loop->wq_async);
}

}  // namespace

void TakeOverResults(uv_loop_t* loop) {
  // Where libuv is laid out otherwise, nothing is written, and the self-test refuses the first fork.
  const uv_async_t& done = loop->wq_async;
  if (uv_loop_size() == sizeof *loop && done.type == UV_ASYNC && done.loop == loop) loop->wq_async.async_cb = Deliver;
}

bool IsOnlyResult(uv_loop_t* loop, const uv_work_t& job) {
  uv_mutex_lock(&loop->wq_mutex);
  const Link* list = FinishedJobs(loop);
  const void* link = &job.work_req.wq;
  const bool is_only = list->next == link && list->previous == link;
  uv_mutex_unlock(&loop->wq_mutex);
  return is_only;
}

void WithholdResults(uv_loop_t* loop) {
  MoveFinished(loop, &being_delivered);
  int count = MoveAll(&being_delivered, &withheld);
  if (count == 0) return;
  loop->active_reqs.count -= count;
  uv_walk(loop, FindHandleOfNode, nullptr);
  if (each_turn.loop == nullptr) {
    uv_prepare_init(loop, &each_turn);
    uv_unref(reinterpret_cast<uv_handle_t*>(&each_turn));
  }
  uv_prepare_start(&each_turn, DeliverAtEnd);
}
