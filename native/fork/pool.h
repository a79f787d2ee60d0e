#pragma once

struct uv_loop_s;

// Results of libuv's thread pool that the parent was waiting for at the fork. In the child they would make the
// parent's code go on twice: read on in its file, write once more.

// Has the loop's results delivered in a way that shows which are still to come. Once, on the main loop.
void TakeOverResults(uv_loop_s* loop);
// In the child: keeps them back. They are delivered when Node closes its handles at the end, to nobody: Node waits
// for each request that it has counted.
void KeepBackResults(uv_loop_s* loop);
