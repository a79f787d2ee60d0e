#pragma once

struct uv_loop_s;
struct uv_work_s;

// Step 9: results of libuv's thread pool that the parent was waiting for at the fork. In the child they would make the
// parent's code go on twice: read on in its file, write once more.

// Has the loop's results delivered in a way that shows which are still to come. Once, on the main loop.
void TakeOverResults(uv_loop_s* loop);
// In the child: withholds them. They are delivered when Node closes its handles at the end, without a recipient: Node
// waits for each request that it has counted.
void WithholdResults(uv_loop_s* loop);
// Whether a job that this loop's pool has done is, where expected, the only one in the loop's list of results: a part of
// the self-test.
bool IsOnlyResult(uv_loop_s* loop, const uv_work_s& job);
