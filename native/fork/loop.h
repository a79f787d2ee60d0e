#pragma once

struct uv_loop_s;

// Step 6, in the child, before it has other threads that could catch signals: the parent's, under way, are not its own.
void ForgetSignals(uv_loop_s* loop);
// Step 9, in the child, when all threads are back: what remains, the loop's descriptors being its own. Not uv_loop_fork(3),
// which closes descriptors that the other threads wake the loop by, and forgets wake-ups.
void RenewLoop(uv_loop_s* loop);
