#pragma once
#include "fork/park.h"
#include "fork/refusal.h"

// Step 7: the child gets its threads back. Each is made by clone(2) with the old one's thread descriptor, and goes
// on from the registers that the old one's signal handler was given.

// In the child, on its only thread. Returns when all parked threads have started; they go on at once.
Refusal ResumeThreads();

// The calling thread's list of robust mutexes, which clone(2) does not hand down. get_robust_list(2)
RobustList OwnRobustList();
void InstallRobustList(const RobustList& list);
