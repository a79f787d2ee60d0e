#pragma once
#include "fork/refusal.h"

// Step 4: V8 marks its heap MADV_DONTFORK, so that starting a program need not copy its page tables. A child that
// goes on in this program needs the heap.

// Makes all private mappings inheritable, just before the clone.
Refusal InheritMemory();
// Marks the heap as before, in the parent and in the child: else every later child_process.spawn of a big
// process pays for it.
void DisinheritHeap();
