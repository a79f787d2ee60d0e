#pragma once
#include "fork/layout.h"
#include "fork/refusal.h"

// Step 1 for libuv, which the addon knows by the header that it was compiled with: whether that of this process has
// structures of the same size, and keeps in their private fields what the fork reads and writes there. It is looked at
// in a loop of its own, which is closed again. Notes the start routine of the pool's threads.
Refusal MeasureLibuv(int timeout_ms, Layout* layout);
