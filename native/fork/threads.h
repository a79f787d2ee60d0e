#pragma once
#include "fork/layout.h"
#include "fork/park.h"
#include "fork/refusal.h"

// Step 5: the child gets its threads back. Each is made by clone(2) with the old one's thread descriptor, and goes
// on from the registers that the old one's signal handler was given.

// In the child, on its only thread. Returns when all have started; they go on at once.
Refusal ResumeThreads(const Layout& layout, ParkingLot* lot);
// What clone(2) does not hand down to the main thread of the child.
void AdoptMainThread(const ParkedThread& main);
// Notes for AdoptMainThread what the parent's main thread has.
void NoteMainThread(ParkedThread* main);
