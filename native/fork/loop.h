#pragma once

struct uv_loop_s;

// In the child, before it has other threads that could catch signals: the parent's, under way, are not its own.
void ForgetSignals(uv_loop_s* loop);
// In the child, when all threads are back: makes the main loop's own descriptors anew, and mends what
// uv_loop_fork(3) leaves unfinished. Ends the process when there are no descriptors left for it.
void RenewLoop(uv_loop_s* loop);
